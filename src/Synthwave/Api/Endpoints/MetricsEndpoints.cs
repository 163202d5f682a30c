using System.Buffers;
using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Json;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Api.Endpoints;

/// <summary><c>GET /v1/metrics/moa</c> and <c>GET /metrics</c>: both answer with the recent requests as JSON or with all metrics as Prometheus text, by <c>Accept</c>.</summary>
internal static class MetricsEndpoints
{
    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder routes, GatewayMetrics metrics)
    {
        RequestDelegate answer = context => AnswerAsync(context, metrics);
        routes.MapGet("/v1/metrics/moa", answer).WithTraits(RouteTraits.Default);
        routes.MapGet("/metrics", answer).WithTraits(new RouteTraits { Access = RouteAccess.OpenToScrapers });
        return routes;
    }

    /// <summary>
    /// Whether <c>Accept</c> rates a Prometheus format above JSON. The most specific range counts for each type, so <c>*/*</c> alone rates them alike
    /// and means JSON.
    /// </summary>
    public static bool PrefersText(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept!, out var ranges))
        {
            return false;
        }

        var text = Math.Max(Rating(ranges, "text", "plain"), Rating(ranges, "application", "openmetrics-text"));
        return text > Rating(ranges, "application", "json");
    }

    /// <summary>Whether <c>Accept</c> rates a type above JSON; <c>*/*</c> alone does not.</summary>
    public static bool Prefers(StringValues accept, string type, string subtype) =>
        MediaTypeHeaderValue.TryParseList(accept!, out var ranges) && Rating(ranges, type, subtype) > Rating(ranges, "application", "json");

    private static Task AnswerAsync(HttpContext context, GatewayMetrics metrics)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        if (PrefersText(context.Request.Headers.Accept))
        {
            return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, PrometheusText.ContentType, Encoding.UTF8.GetBytes(metrics.ToPrometheusText()));
        }

        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = JsonWriting.To(buffer))
        {
            metrics.WriteRecent(json);
        }

        return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, buffer.WrittenMemory);
    }

    private static double Rating(IList<MediaTypeHeaderValue> ranges, string type, string subtype)
    {
        var (best, rating) = (-1, 0d);
        foreach (var range in ranges)
        {
            var specificity = range switch
            {
                { MatchesAllTypes: true } => 0,
                { MatchesAllSubTypes: true } when range.Type.Equals(type, StringComparison.OrdinalIgnoreCase) => 1,
                _ when range.Type.Equals(type, StringComparison.OrdinalIgnoreCase) && range.SubType.Equals(subtype, StringComparison.OrdinalIgnoreCase) => 2,
                _ => -1,
            };
            var quality = range.Quality ?? 1;
            if (specificity > best || (specificity == best && specificity >= 0 && quality > rating))
            {
                (best, rating) = (specificity, quality);
            }
        }

        return rating;
    }
}
