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

/// <summary><c>GET /v1/metrics/moa</c> and <c>GET /metrics</c>: both answer with the recent requests as JSON or with all metrics as OpenMetrics or Prometheus text, by <c>Accept</c>.</summary>
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
    /// The text format that <c>Accept</c> rates above JSON, the richer one where both are rated alike; null = JSON. The most specific range counts for each type,
    /// so <c>*/*</c> alone rates all alike and means JSON. A range that asks for another version than ours does not count.
    /// </summary>
    public static ExpositionFormat? Preferred(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept!, out var ranges))
        {
            return null;
        }

        var json = Rating(ranges, "application", "json");
        var text = Rating(ranges, "text", "plain", "0.0.4");
        var open = Rating(ranges, "application", "openmetrics-text", "1.0.0");
        return Math.Max(text, open) <= json ? null
            : open >= text ? ExpositionFormat.OpenMetrics
            : ExpositionFormat.Prometheus;
    }

    /// <summary>Whether <c>Accept</c> rates a type above JSON; <c>*/*</c> alone does not.</summary>
    public static bool Prefers(StringValues accept, string type, string subtype) =>
        MediaTypeHeaderValue.TryParseList(accept!, out var ranges) && Rating(ranges, type, subtype) > Rating(ranges, "application", "json");

    private static Task AnswerAsync(HttpContext context, GatewayMetrics metrics)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        if (Preferred(context.Request.Headers.Accept) is { } format)
        {
            return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, ExpositionText.ContentTypeOf(format), Encoding.UTF8.GetBytes(metrics.Expose(format)));
        }

        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = JsonWriting.To(buffer))
        {
            metrics.WriteRecent(json);
        }

        return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, buffer.WrittenMemory);
    }

    private static double Rating(IList<MediaTypeHeaderValue> ranges, string type, string subtype, string? version = null)
    {
        var (best, rating) = (-1, 0d);
        foreach (var range in ranges)
        {
            var specificity = Specificity(range, type, subtype, version);
            var quality = range.Quality ?? 1;
            if (specificity > best || (specificity == best && specificity >= 0 && quality > rating))
            {
                (best, rating) = (specificity, quality);
            }
        }

        return rating;
    }

    // 0 to 3, the more the narrower; -1 = the type is not in the range.
    private static int Specificity(MediaTypeHeaderValue range, string type, string subtype, string? version)
    {
        if (range.MatchesAllTypes)
        {
            return 0;
        }

        if (!range.Type.Equals(type, StringComparison.OrdinalIgnoreCase))
        {
            return -1;
        }

        if (range.MatchesAllSubTypes)
        {
            return 1;
        }

        if (!range.SubType.Equals(subtype, StringComparison.OrdinalIgnoreCase))
        {
            return -1;
        }

        var asked = version is null ? null : NameValueHeaderValue.Find(range.Parameters, "version");
        return asked is null ? 2
            : HeaderUtilities.RemoveQuotes(asked.Value).Equals(version, StringComparison.Ordinal) ? 3
            : -1;
    }
}
