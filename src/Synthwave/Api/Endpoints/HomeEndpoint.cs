using System.Buffers;
using Microsoft.Net.Http.Headers;
using Synthwave.Api.Answers;
using Synthwave.Api.Pages;
using Synthwave.Api.Routes;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Routing.Names;
using Synthwave.Telemetry.Conventions;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// <c>GET /</c>: what this is and where things are, as a page for browsers, as JSON for programs. The page says more than the JSON: how the gateway is, and what can be asked
/// for. The names are shown to those alone who may call them.
/// </summary>
internal sealed class HomeEndpoint(Func<GatewayConfig> config, Func<ModelNames> names, Func<IReadOnlyList<UpstreamHealth>> health, Func<bool> isStopping, TokenInForce token)
{
    private static readonly (string Path, string Words)[] Links =
    [
        ("/docs", "every request and answer, explained"),
        ("/v1/models", "what can be asked for"),
        ("/health", "whether it can answer"),
        ("/metrics", "what it did"),
        ("/openapi.json", "the API, described for programs"),
    ];

    public void Map(IEndpointRouteBuilder routes)
    {
        var json = Json("");
        routes.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], context =>
        {
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
            var prefix = context.Request.PathBase.ToUriComponent();
            return MetricsEndpoints.Prefers(context.Request.Headers.Accept, "text", "html")
                ? HomePage.Frame.WriteAsync(context, HomePage.Body(Facts(context, prefix), Links))
                : WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, prefix.Length == 0 ? json : Json(prefix));
        }).WithTraits(new RouteTraits { Access = RouteAccess.OpenInPart });
    }

    private HomeFacts Facts(HttpContext context, string prefix)
    {
        var current = config();
        var (state, words) = StateOf(current);
        var withheld = context.Features.Get<WithheldPart>();
        return new HomeFacts
        {
            State = state,
            StateWords = words,
            Models = withheld is null ? [.. names().Listing.Select(static m => m.Id).Concat(current.Upstreams.Select(static u => u.Name)).Distinct(StringComparer.Ordinal)] : [],
            Withheld = withheld?.Reason switch
            {
                null => null,
                { Status: StatusCodes.Status401Unauthorized } => "This gateway needs a token. GET /v1/models lists what can be asked for, for whoever sends it.",
                var error => error.Message,
            },
            NeedsToken = token.Of(current.Server) is not null,
            Address = CallerAddress.Of(context),
            Prefix = prefix,
        };
    }

    // What is known already: a page waits for no upstream.
    private (HomeState State, string Words) StateOf(GatewayConfig current)
    {
        if (isStopping())
        {
            return (HomeState.Unready, "Stopping: it takes no new requests.");
        }

        if (current.Upstreams.IsEmpty)
        {
            return (HomeState.Unready, "Not ready: no upstream is configured.");
        }

        var states = health();
        var up = states.Count(static s => s.State is HealthState.Up);
        if (HealthEndpoints.Judge(current, states).Status is StatusCodes.Status200OK)
        {
            return (HomeState.Ready, $"Ready: {up} of {Upstreams(states.Count)} up.");
        }

        return states.Any(static s => s.State is HealthState.Unknown)
            ? (HomeState.Unknown, "Starting: not every upstream has been asked yet.")
            : (HomeState.Unready, $"Not ready: {up} of {Upstreams(states.Count)} up.");
    }

    private static string Upstreams(int count) => count == 1 ? "1 upstream is" : $"{count} upstreams are";

    private static ReadOnlyMemory<byte> Json(string prefix)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, "synthwave"u8);
            json.WriteString("version"u8, GatewayVersion.Text);
            json.WriteStartArray("links"u8);
            foreach (var (path, _) in Links)
            {
                json.WriteStringValue(prefix + path);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
