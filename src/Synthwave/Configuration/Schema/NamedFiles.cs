using System.Security.Cryptography;

namespace Synthwave.Configuration.Schema;

/// <summary>
/// The files that a configuration names. Relative paths start at the directory of the configuration file. Each is read once and noted, also when there is
/// none, so that a later change can be told. Not thread-safe.
/// </summary>
/// <param name="configuration">The configuration file; null = it is in none, and relative paths start at the working directory.</param>
internal sealed class NamedFiles(string? configuration)
{
    // Bundles of certificates are the largest.
    private const int Largest = 1024 * 1024;

    private readonly string _directory = Path.GetDirectoryName(Path.GetFullPath(configuration ?? "none")) ?? Path.GetFullPath("/");
    private readonly Dictionary<string, (byte[]? Content, string? Problem)> _read = new(StringComparer.Ordinal);

    /// <summary>Everything read so far, absolute paths.</summary>
    public IEnumerable<SourceFile> Sources => _read.Select(static f => Source(f.Key, f.Value.Content));

    /// <summary>A file that was read before, as it is now.</summary>
    public static SourceFile Again(string path) => Source(path, ReadAt(path).Content);

    /// <summary>The content, or what is wrong with the file in words that go on after "a file that …". Never throws.</summary>
    public (byte[]? Content, string? Problem) Read(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal) || path.Length == 0)
        {
            return (null, "cannot exist under this name");
        }

        var full = Path.GetFullPath(path, _directory);
        return _read.TryGetValue(full, out var known) ? known : _read[full] = ReadAt(full);
    }

    private static SourceFile Source(string path, byte[]? content) => new(path, content is null ? null : SHA256.HashData(content)) { Length = content?.Length ?? 0 };

    private static (byte[]? Content, string? Problem) ReadAt(string path)
    {
        var (content, trouble) = PlainFile.Read(path, Largest);
        return trouble is { } wrong ? (null, wrong.Words(Largest)) : content is [] ? (null, "is empty") : (content, null);
    }
}
