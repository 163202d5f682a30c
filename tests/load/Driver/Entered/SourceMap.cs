using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Synthwave.Load.Driver.Entered;

/// <summary>From the methods of the gateway's assembly to the source files they are written in, by its symbols. Generated code is in none.</summary>
internal sealed class SourceMap
{
    private const string Root = "/src/Synthwave/";

    private readonly Dictionary<(string Type, string Method), HashSet<string>> _byMethod = [];
    private readonly Dictionary<string, HashSet<string>> _byType = [];

    /// <param name="directory">Holds synthwave.dll and synthwave.pdb of one build.</param>
    public SourceMap(string directory)
    {
        using var program = new PEReader(File.OpenRead(Required(directory, "synthwave.dll")));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Required(directory, "synthwave.pdb")));
        var (types, documents) = (program.GetMetadataReader(), symbols.GetMetadataReader());
        foreach (var handle in types.MethodDefinitions)
        {
            var method = types.GetMethodDefinition(handle);
            var type = FullName(types, method.GetDeclaringType());
            foreach (var file in Files(documents, handle.ToDebugInformationHandle()))
            {
                Add(_byMethod, (type, types.GetString(method.Name)), file);
                Add(_byType, type.Split('+')[0], file);
            }
        }
    }

    /// <summary>Paths under src/Synthwave that have code.</summary>
    public IReadOnlySet<string> All => _byType.Values.SelectMany(files => files).ToHashSet();

    /// <summary>The files these methods are written in. A method without a line of its own counts for its type when that is written in one file.</summary>
    public IReadOnlySet<string> FilesOf(IEnumerable<JittedMethod> methods)
    {
        var files = new HashSet<string>();
        foreach (var method in methods)
        {
            if (_byMethod.TryGetValue((method.Type, method.Name), out var own))
            {
                files.UnionWith(own);
            }
            else if (_byType.TryGetValue(method.Type.Split('+')[0], out var all) && all.Count == 1)
            {
                files.UnionWith(all);
            }
        }

        return files;
    }

    private static IEnumerable<string> Files(MetadataReader documents, MethodDebugInformationHandle handle)
    {
        var information = documents.GetMethodDebugInformation(handle);
        if (information.SequencePointsBlob.IsNil)
        {
            yield break;
        }

        foreach (var document in information.GetSequencePoints().Where(point => !point.IsHidden).Select(point => point.Document).Distinct())
        {
            var path = documents.GetString(documents.GetDocument(document).Name).Replace('\\', '/');
            var root = path.LastIndexOf(Root, StringComparison.Ordinal);
            if (root >= 0 && !path.Contains("/obj/", StringComparison.Ordinal))
            {
                yield return path[(root + Root.Length)..];
            }
        }
    }

    private static string FullName(MetadataReader types, TypeDefinitionHandle handle)
    {
        var type = types.GetTypeDefinition(handle);
        var name = types.GetString(type.Name);
        var outer = type.GetDeclaringType();
        return !outer.IsNil ? $"{FullName(types, outer)}+{name}" : type.Namespace.IsNil ? name : $"{types.GetString(type.Namespace)}.{name}";
    }

    private static void Add<TKey>(Dictionary<TKey, HashSet<string>> map, TKey key, string file)
        where TKey : notnull
    {
        if (!map.TryGetValue(key, out var files))
        {
            map.Add(key, files = []);
        }

        files.Add(file);
    }

    private static string Required(string directory, string name)
    {
        var file = Path.Combine(directory, name);
        return File.Exists(file) ? file : throw new MeasurementException($"{file} is not there: this needs a build for an installed runtime, with its symbols");
    }
}
