using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Turns a status and an error document into a fault. The words decide where they are known, whatever the status; else the status does. Never throws.
/// </summary>
internal static class OpenAiErrors
{
    public static UpstreamFault Read(int status, ReadOnlyMemory<byte> body)
    {
        var error = ErrorDocument.Read(body);
        var kind = KindOf(status, FaultWords.KindOf(error.Words));

        // Clients know OpenAI's own way to say it; of anything else they get our words.
        var isRelayable = error.IsOpenAiShaped
            && (kind is not UpstreamFaultKind.ContextTooLong || (status == 400 && error.Code == "context_length_exceeded"));
        return new UpstreamFault(kind) { Status = status, Sentence = error.Sentence, ErrorBody = isRelayable ? body : default(ReadOnlyMemory<byte>?) };
    }

    /// <summary>An error inside a stream, or in a reply whose status was 200: only the document can say more than that something is broken.</summary>
    /// <param name="data">The document.</param>
    /// <param name="otherwise">What it is when the document does not tell.</param>
    public static UpstreamFault ReadEvent(ReadOnlyMemory<byte> data, UpstreamFaultKind otherwise = UpstreamFaultKind.StreamBroken)
    {
        var error = ErrorDocument.Read(data);
        var words = FaultWords.KindOf(error.Words);
        var fault = words is { } known ? new UpstreamFault(known) { Status = error.Status ?? StatusOf(known) }
            : error.Status is { } status and >= 400 and < 600 ? new UpstreamFault(KindOf(status, null)) { Status = status }
            : new UpstreamFault(otherwise);
        return fault with { Sentence = error.Sentence };
    }

    private static UpstreamFaultKind KindOf(int status, UpstreamFaultKind? words) => status switch
    {
        >= 300 and < 400 => UpstreamFaultKind.Redirected,
        400 or 422 => words is { } known and not UpstreamFaultKind.ServerError ? known : UpstreamFaultKind.BadRequest,
        401 => UpstreamFaultKind.Unauthorized,
        402 => words is UpstreamFaultKind.QuotaWindow ? UpstreamFaultKind.QuotaWindow : UpstreamFaultKind.Billing,
        403 => words is { } known and not UpstreamFaultKind.ServerError ? known : UpstreamFaultKind.Unauthorized,
        404 or 410 => words is UpstreamFaultKind.ModelGone or UpstreamFaultKind.NotInPlan or UpstreamFaultKind.Region ? words.Value : UpstreamFaultKind.Rejected,
        413 => words is UpstreamFaultKind.RateLimited or UpstreamFaultKind.QuotaWindow ? words.Value : UpstreamFaultKind.ContextTooLong,
        429 => words is UpstreamFaultKind.Billing or UpstreamFaultKind.QuotaWindow ? words.Value : UpstreamFaultKind.RateLimited,
        >= 400 and < 500 => words is { } known and not UpstreamFaultKind.ServerError ? known : UpstreamFaultKind.Rejected,
        >= 500 and < 600 => words is UpstreamFaultKind.ContextTooLong or UpstreamFaultKind.Billing ? words.Value : UpstreamFaultKind.ServerError,
        _ => UpstreamFaultKind.Malformed,
    };

    // The status such an error would have come with.
    private static int? StatusOf(UpstreamFaultKind kind) => kind switch
    {
        UpstreamFaultKind.RateLimited or UpstreamFaultKind.QuotaWindow => 429,
        UpstreamFaultKind.ServerError => 503,
        UpstreamFaultKind.Billing => 402,
        _ => null,
    };
}
