using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary>A file that a configuration was read from.</summary>
/// <param name="Path">Absolute for all but the configuration file itself, which is called as it was named.</param>
/// <param name="Hash">SHA-256 of its content; null = it could not be read.</param>
internal sealed record SourceFile(string Path, ReadOnlyMemory<byte>? Hash)
{
    /// <summary>Bytes; 0 = it could not be read.</summary>
    public int Length { get; init; }

    /// <summary>Of the configuration file itself: the keys at its top level, which are its tables.</summary>
    public ImmutableArray<string> Tables { get; init; } = [];

    /// <summary>Whether the content of both is the same.</summary>
    public bool HasContentOf(SourceFile other) =>
        Hash is { } own ? other.Hash is { } foreign && own.Span.SequenceEqual(foreign.Span) : other.Hash is null;
}
