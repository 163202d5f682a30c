using System.Globalization;
using System.Text;

namespace Synthwave.Proof.Hostile.Sockets;

/// <summary>How a message's end was reached.</summary>
internal enum MessageEnd
{
    /// <summary>As its head said.</summary>
    Whole,

    /// <summary>The connection ended before the message did.</summary>
    Cut,

    /// <summary>Something stands where HTTP allows something else.</summary>
    Malformed,
}

/// <summary>One HTTP/1.x message as it came over a bare socket.</summary>
/// <param name="First">The request line or status line.</param>
/// <param name="Headers">Names in lower case, in order of arrival.</param>
/// <param name="Body">Without its transfer coding.</param>
/// <param name="End">How it ended.</param>
internal sealed record HttpMessage(string First, IReadOnlyList<(string Name, string Value)> Headers, ReadOnlyMemory<byte> Body, MessageEnd End)
{
    /// <summary>Of an answer; 0 = the status line is none.</summary>
    public int Status => First.Split(' ') is [var version, var status, ..] && version.StartsWith("HTTP/1.", StringComparison.Ordinal)
        && int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Of a request: what stands behind the method, as it came.</summary>
    public string Path => First.Split(' ') is [_, var path, ..] ? path : "";

    public string MediaType => Header("content-type")?.Split(';')[0].Trim().ToLowerInvariant() ?? "";

    /// <summary>Whether the connection may carry another message.</summary>
    public bool KeepsOpen => End is MessageEnd.Whole && !(Header("connection") ?? "").Contains("close", StringComparison.OrdinalIgnoreCase);

    /// <summary>The first value of a header; null = it is not there.</summary>
    public string? Header(string name) => Headers.FirstOrDefault(h => h.Name == name).Value;

    /// <summary>Body as text, for looking into it.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>Whether the bytes of <paramref name="text"/> stand anywhere in it.</summary>
    public bool Holds(string text) =>
        Body.Span.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 || Headers.Any(h => h.Value.Contains(text, StringComparison.Ordinal));
}
