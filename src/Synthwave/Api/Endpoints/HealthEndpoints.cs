using System.Buffers;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Telemetry.Conventions;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// Liveness and readiness. <c>/healthz</c> says that the process answers and never looks upstream; <c>/v1/health</c> and <c>/health</c> probe what
/// is stale and say whether the gateway can do its work, and wants to: after a stop signal they say no. Why an upstream is not up stands in the log, never here.
/// </summary>
internal static class HealthEndpoints
{
    private static readonly byte[] Alive = "{\"status\":\"ok\"}"u8.ToArray();

    /// <param name="routes">Where to map.</param>
    /// <param name="config">The configuration in force now; null = none.</param>
    /// <param name="health">The states of its upstreams; null = no monitor runs.</param>
    /// <param name="resting">Those that are left alone at their own wish, and for how long.</param>
    /// <param name="isStopping">Whether a stop was asked for.</param>
    public static IEndpointRouteBuilder MapHealth(
        this IEndpointRouteBuilder routes, Func<GatewayConfig?> config, Func<IHealthStates?> health, Func<IEnumerable<KeyValuePair<string, TimeSpan>>> resting, Func<bool> isStopping)
    {
        RequestDelegate ready = context => isStopping()
            ? WholeAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, WholeAnswer.Json, Unready("shutting_down", [], []).Body)
            : ReadyAsync(context, config(), health(), resting);
        routes.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], static context => WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, Alive))
            .WithTraits(RouteTraits.Open);
        routes.MapGet("/v1/health", ready).WithTraits(RouteTraits.Open);
        routes.MapGet("/health", ready).WithTraits(RouteTraits.Open);
        return routes;
    }

    /// <summary>The answer for these facts.</summary>
    /// <param name="config">Null = there is none.</param>
    /// <param name="states">Of its upstreams; null = nobody watches them.</param>
    /// <param name="resting">Told beside it: a rest says nothing of an upstream's health. Null = nobody rests.</param>
    public static (int Status, ReadOnlyMemory<byte> Body) Judge(
        GatewayConfig? config, IReadOnlyList<UpstreamHealth>? states, IReadOnlyList<KeyValuePair<string, TimeSpan>>? resting = null)
    {
        if (config is null || states is null)
        {
            return Unready("no_monitor_configured", [], []);
        }

        if (config.Upstreams.Length == 0)
        {
            return Unready("no_upstreams_configured", [], []);
        }

        var unhealthy = states.Where(s => s.State != HealthState.Up).OrderBy(s => s.Upstream, StringComparer.Ordinal).ToArray();
        var isReady = unhealthy.Length == 0
            || (config.Server.HealthPolicy == HealthPolicy.Serviceable && Serviceability.EveryProfileCanAnswer(config, states));
        return isReady ? (StatusCodes.Status200OK, Body("ok", null, unhealthy, resting ?? [])) : Unready(null, unhealthy, resting ?? []);
    }

    private static async Task ReadyAsync(HttpContext context, GatewayConfig? config, IHealthStates? health, Func<IEnumerable<KeyValuePair<string, TimeSpan>>> resting)
    {
        var states = health is null ? null : await health.CheckAsync(context.RequestAborted).ConfigureAwait(false);
        var (status, body) = Judge(config, states, [.. resting()]);
        await WholeAnswer.WriteAsync(context, status, WholeAnswer.Json, body).ConfigureAwait(false);
    }

    private static (int Status, ReadOnlyMemory<byte> Body) Unready(string? reason, UpstreamHealth[] unhealthy, IReadOnlyList<KeyValuePair<string, TimeSpan>> resting) =>
        (StatusCodes.Status503ServiceUnavailable, Body("unhealthy", reason, unhealthy, resting));

    private static ReadOnlyMemory<byte> Body(string status, string? reason, UpstreamHealth[] unhealthy, IReadOnlyList<KeyValuePair<string, TimeSpan>> resting)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = JsonWriting.To(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", status);
            if (reason is not null)
            {
                json.WriteString("reason", reason);
            }

            json.WriteStartArray("unhealthy_upstreams");
            foreach (var upstream in unhealthy)
            {
                json.WriteStartObject();
                json.WriteString("name", upstream.Upstream);
                json.WriteString("reason", Label(upstream.State));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (resting.Count > 0)
            {
                json.WriteStartArray("resting_upstreams");
                foreach (var (name, left) in resting)
                {
                    json.WriteStartObject();
                    json.WriteString("name", name);
                    json.WriteNumber("seconds", (long)Math.Ceiling(left.TotalSeconds));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteString("version", GatewayVersion.Text);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static string Label(HealthState state) => state switch
    {
        HealthState.AuthFailed => "auth_failed",
        HealthState.Misconfigured => "misconfigured",
        _ => "down",
    };
}
