using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Memory;

namespace Synthwave.Api.Admission;

/// <summary>What it takes to read a large body as a document, beyond the body itself.</summary>
internal static class ParsedBody
{
    /// <summary>What a request is told that <see cref="NeverFits"/>.</summary>
    public static GatewayError TooLarge { get; } = new(413, "request_too_large", "The request body takes more memory to read than this server has for one client.");

    // What the parser notes of each value.
    private const int BytesOfValue = 12;

    /// <summary>Takes it out of the request's memory; false = there is none left, also after a short wait. Throws on cancellation.</summary>
    /// <param name="visit">The request.</param>
    /// <param name="body">Decoded.</param>
    public static ValueTask<bool> TakeAsync(RequestVisit visit, ReadOnlyMemory<byte> body) =>
        body.Length <= MemoryBudget.Flat || RouteTraits.Of(visit.Http).RelaysBody ? new(true)
        : visit.Memory.TakeAsync(Needed(body.Span), visit.Token);

    /// <summary>Whether no wait would have helped: the request alone is more than one client may hold.</summary>
    public static bool NeverFits(RequestVisit visit, ReadOnlyMemory<byte> body) => visit.Memory.Held + Needed(body.Span) > visit.Memory.Most;

    /// <summary>Bytes, beyond those of the text itself: what the parser notes, and what the text is translated to.</summary>
    public static long Needed(ReadOnlySpan<byte> text) => text.Length + (Values(text) * BytesOfValue);

    // At least as many as there are: a mark may stand in a text too.
    private static long Values(ReadOnlySpan<byte> body)
    {
        long count = 1;
        foreach (var mark in ",:[{"u8)
        {
            count += body.Count(mark);
        }

        return count;
    }
}
