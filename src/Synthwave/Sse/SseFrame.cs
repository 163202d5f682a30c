using System.Buffers;

namespace Synthwave.Sse;

/// <summary>How a payload is wrapped for the wire: one <c>data:</c> line and a blank line.</summary>
internal static class SseFrame
{
    /// <summary>Bytes before the payload.</summary>
    public const int PrefixLength = 6;

    private const int SuffixLength = 2;

    /// <summary>The event that ends a stream.</summary>
    public static ReadOnlyMemory<byte> Done { get; } = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>A comment: progress, no content.</summary>
    public static ReadOnlyMemory<byte> Heartbeat { get; } = ": heartbeat\n\n"u8.ToArray();

    public static ReadOnlySpan<byte> Prefix => "data: "u8;

    public static ReadOnlySpan<byte> Suffix => "\n\n"u8;

    /// <summary>Wraps a JSON payload. Line breaks between its tokens become spaces: an event's data is one line.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[PrefixLength + payload.Length + SuffixLength];
        Prefix.CopyTo(frame);
        payload.CopyTo(frame.AsSpan(PrefixLength));
        Flatten(frame.AsSpan(PrefixLength, payload.Length));
        Suffix.CopyTo(frame.AsSpan(PrefixLength + payload.Length));
        return frame;
    }

    /// <summary>Writes a JSON payload as one event. Line breaks between its tokens become spaces.</summary>
    public static void Write(ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        output.Write(Prefix);
        var line = output.GetSpan(payload.Length)[..payload.Length];
        payload.CopyTo(line);
        Flatten(line);
        output.Advance(payload.Length);
        output.Write(Suffix);
    }

    /// <summary>The payload within a frame made by <see cref="Wrap"/>.</summary>
    public static ReadOnlyMemory<byte> Payload(ReadOnlyMemory<byte> frame) => frame[PrefixLength..^SuffixLength];

    private static void Flatten(Span<byte> line)
    {
        line.Replace((byte)'\n', (byte)' ');
        line.Replace((byte)'\r', (byte)' ');
    }
}
