using System.Collections.Frozen;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>
/// The function names a request declares. Immutable. Any text is a name, and a function that is declared twice is declared: what a name may look like, and
/// which of two declarations holds, is the upstream's to say, which is sent them all as they came.
/// </summary>
internal sealed class DeclaredTools
{
    private readonly FrozenSet<string> _names;

    private DeclaredTools(IEnumerable<string> names) => _names = names.ToFrozenSet(StringComparer.Ordinal);

    public static DeclaredTools None { get; } = new([]);

    public int Count => _names.Count;

    /// <summary>Reads a request's <c>tools</c>; entries without a usable name declare nothing.</summary>
    public static DeclaredTools Read(ReadOnlyMemory<byte> tools)
    {
        using var document = JsonReading.Document(tools);
        if (document.RootElement.ValueKind is not JsonValueKind.Array)
        {
            return None;
        }

        return new(document.RootElement.EnumerateArray()
            .Select(static tool => tool.Find("function") is { } function ? function.FindText("name") : null)
            .OfType<string>()
            .Where(static name => name.Length > 0));
    }

    public bool Contains(string name) => _names.Contains(name);

    /// <summary>
    /// The declared name that <paramref name="written"/> means: itself; without leaked marks; or the only one that differs in nothing but letter case or
    /// a namespace (<c>functions.exec</c>). Null = none, or more than one.
    /// </summary>
    public string? Resolve(string written)
    {
        if (_names.Contains(written))
        {
            return written;
        }

        var clean = CallName.Clean(written);
        if (clean.Length == 0 || _names.Count == 0)
        {
            return null;
        }

        if (_names.Contains(clean))
        {
            return clean;
        }

        var bare = clean[(clean.LastIndexOfAny(['.', '=', '/', ':']) + 1)..];
        return Only(clean) ?? (bare.Length > 0 && bare.Length < clean.Length ? (_names.Contains(bare) ? bare : Only(bare)) : null);
    }

    /// <summary>Whether <paramref name="written"/> may be the first piece of a declared name.</summary>
    public bool MayBegin(string written)
    {
        var clean = CallName.Clean(written);
        return _names.Any(name => name.Length > clean.Length && name.StartsWith(clean, StringComparison.Ordinal));
    }

    private string? Only(string name)
    {
        string? found = null;
        foreach (var declared in _names)
        {
            if (string.Equals(declared, name, StringComparison.OrdinalIgnoreCase))
            {
                if (found is not null)
                {
                    return null;
                }

                found = declared;
            }
        }

        return found;
    }
}
