using System.Globalization;

namespace Synthwave.Upstreams.Faults;

/// <summary>What was exceeded, for the words of an error.</summary>
/// <param name="Bytes">The limit.</param>
/// <param name="Key">The key of <c>[server]</c> that sets it; null = it is fixed.</param>
internal sealed record SizeLimit(long Bytes, string? Key)
{
    public static SizeLimit Reply(long bytes) => new(bytes, "max_reply_mb");

    public static SizeLimit Embeddings(long bytes) => new(bytes, "max_embeddings_mb");

    /// <summary>This limit, or what a request may have of the process's memory, where that is less.</summary>
    public SizeLimit Within(long most) => Bytes <= most ? this : new(most, "max_memory_mb");

    /// <summary>In the operator's units.</summary>
    public override string ToString()
    {
        var size = Bytes >= Mebibyte
            ? string.Create(CultureInfo.InvariantCulture, $"{Bytes / (double)Mebibyte:0.##} MiB")
            : string.Create(CultureInfo.InvariantCulture, $"{Bytes} bytes");
        return Key is null ? $"more than {size} in one event" : $"more than {size}, the limit that {Key} in [server] sets";
    }

    private const long Mebibyte = 1024 * 1024;
}
