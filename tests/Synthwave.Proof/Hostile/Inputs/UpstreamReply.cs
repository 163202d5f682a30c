using System.Text;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>What happens once the bytes of a reply are sent.</summary>
internal enum ReplyEnd
{
    /// <summary>The connection waits for the next request.</summary>
    Keep,

    /// <summary>FIN.</summary>
    Close,

    /// <summary>RST.</summary>
    Reset,

    /// <summary>Nothing more comes, and nobody hangs up.</summary>
    Silence,

    /// <summary>The tail comes again and again.</summary>
    Endless,
}

/// <summary>One reply as bytes on the wire.</summary>
/// <param name="Bytes">Head and body.</param>
/// <param name="End">What follows.</param>
/// <param name="What">How it was made, in a word or two.</param>
internal sealed record UpstreamReply(byte[] Bytes, ReplyEnd End, string What)
{
    /// <summary>Bytes sent before each pause; 0 = in one piece.</summary>
    public int Piece { get; init; }

    /// <summary>Between two pieces.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>What is repeated without an end.</summary>
    public byte[] Tail { get; init; } = [];

    /// <summary>A reply in order: 200, a length, and the connection kept.</summary>
    public static UpstreamReply Of(string body, bool isStream) => new(
        [.. Encoding.ASCII.GetBytes(FormattableString.Invariant($"HTTP/1.1 200 OK\r\nContent-Type: {(isStream ? "text/event-stream" : "application/json")}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n")), .. Encoding.UTF8.GetBytes(body)],
        ReplyEnd.Keep,
        "plain");
}
