using System.Text.RegularExpressions;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Architecture;

/// <summary>One source file: where it lies, and what it declares at the outermost level.</summary>
/// <param name="Path">Relative to the tree's root, with slashes.</param>
/// <param name="Namespace">Empty = none.</param>
/// <param name="Types">Names of the types declared at the outermost level.</param>
/// <param name="Usings">Namespaces it imports.</param>
/// <param name="Code">The text without comments.</param>
internal sealed record SourceFile(string Path, string Namespace, IReadOnlyList<string> Types, IReadOnlySet<string> Usings, string Code);

/// <summary>
/// The gateway's source text. It sees what compiled code does not show: constants, enum members and <c>nameof</c>, whose values the compiler copies; and
/// which file a type stands in.
/// </summary>
internal sealed partial class SourceTree
{
    private readonly List<SourceFile> _files;

    private SourceTree(List<SourceFile> files) => _files = files;

    /// <summary>The files below <paramref name="folder"/>, a path from the repository's root.</summary>
    public static SourceTree Read(string folder)
    {
        var root = Path.Combine(Repository.Root, folder);
        return new SourceTree([.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => ReadFile(Path.GetRelativePath(root, path).Replace('\\', '/'), File.ReadAllText(path)))]);
    }

    /// <summary>A tree of one's own, for trying this out.</summary>
    public static SourceTree Of(params (string Path, string Text)[] files) => new([.. files.Select(f => ReadFile(f.Path, f.Text))]);

    /// <summary>Every <c>Type.Member</c> whose type another file declares where the first one can see it.</summary>
    public IEnumerable<TypeUse> MemberUses()
    {
        var declared = _files.SelectMany(f => f.Types.Select(t => (File: f, Type: t))).ToLookup(d => d.Type, d => d.File);
        return from file in _files
               from type in file.Types.Take(1)
               from name in MemberAccess().Matches(file.Code).Select(m => m.Groups["type"].Value).Distinct()
               from target in declared[name]
               where target != file && (file.Usings.Contains(target.Namespace) || IsInside(file.Namespace, target.Namespace))
               select new TypeUse(file.Namespace, type, target.Namespace, name);
    }

    /// <summary>Who uses whom, by file. Uses of types that no file declares at its outermost level are left out.</summary>
    public IReadOnlyDictionary<string, HashSet<string>> FileUses(IEnumerable<TypeUse> uses)
    {
        var home = _files.SelectMany(f => f.Types.Select(t => (Key: (f.Namespace, t), f.Path))).DistinctBy(h => h.Key).ToDictionary(h => h.Key, h => h.Path);
        var graph = _files.ToDictionary(f => f.Path, _ => new HashSet<string>());
        foreach (var use in uses)
        {
            if (home.TryGetValue((use.FromNamespace, Plain(use.From)), out var from) && home.TryGetValue((use.ToNamespace, Plain(use.To)), out var to) && from != to)
            {
                graph[from].Add(to);
            }
        }

        return graph;
    }

    private static SourceFile ReadFile(string path, string text)
    {
        var code = Comment().Replace(text, "");
        return new SourceFile(
            path,
            Namespace().Match(code).Groups["name"].Value,
            [.. Declaration().Matches(code).Select(m => m.Groups["name"].Value)],
            Using().Matches(code).Select(m => m.Groups["name"].Value).ToHashSet(),
            code);
    }

    private static bool IsInside(string inner, string outer) => inner == outer || inner.StartsWith(outer + ".", StringComparison.Ordinal);

    // Metadata writes Name`1.
    private static string Plain(string type) => type.Split('`')[0];

    [GeneratedRegex(@"(?<!:)//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using\s+(?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^(?:(?:public|internal|file|sealed|static|abstract|readonly|partial|ref|unsafe)\s+)*(?:record\s+struct|record\s+class|class|struct|interface|enum|record|delegate\s+\S+)\s+(?<name>[A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![.\w])(?<type>[A-Z]\w*)(?:<[\w<>, ?\[\]]*>)?\s*\.\s*[A-Z]|nameof\((?<type>[A-Z]\w*)")]
    private static partial Regex MemberAccess();
}
