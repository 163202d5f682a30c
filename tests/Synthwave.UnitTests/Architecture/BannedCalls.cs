using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Synthwave.UnitTests.Architecture;

/// <summary>
/// Members of the JSON library that throw at an escape which is half of a surrogate pair, or read with limits of their own: what others send would end in a 500.
/// The <c>Json</c> room has one that does not for each of them, and is the only one that opens JSON text.
/// </summary>
internal static class BannedCalls
{
    private const byte Call = 0x28;
    private const byte CallVirtual = 0x6F;
    private const byte NewObject = 0x73;

    private static readonly Dictionary<string, string[]> Banned = new()
    {
        ["JsonDocument"] = ["Parse", "ParseAsync", "ParseValue", "TryParseValue"],
        ["JsonNode"] = ["Parse", "ParseAsync"],
        ["JsonSerializer"] = ["*"],
        ["JsonReaderOptions"] = ["*"],
        ["JsonDocumentOptions"] = ["*"],
        ["Utf8JsonReader"] = [".ctor", "ValueTextEquals", "GetString", "CopyString", "GetComment", "GetGuid", "TryGetGuid", "GetDateTime", "TryGetDateTime", "GetDateTimeOffset", "TryGetDateTimeOffset", "GetBytesFromBase64", "TryGetBytesFromBase64"],
        ["JsonProperty"] = ["NameEquals", "get_Name", "WriteTo", "ToString"],
        ["JsonElement"] =
        [
            "Parse", "ParseValue", "TryParseValue", "GetProperty", "TryGetProperty", "ValueEquals", "DeepEquals", "GetString", "WriteTo", "ToString", "GetGuid", "TryGetGuid", "GetDateTime", "TryGetDateTime", "GetDateTimeOffset", "TryGetDateTimeOffset",
            "GetBytesFromBase64", "TryGetBytesFromBase64",
        ],
    };

    /// <summary>Those the methods of an assembly mention, as <c>Type.Member</c>.</summary>
    /// <param name="assembly">Compiled.</param>
    /// <param name="kit">The namespace that may; null = none may.</param>
    public static IEnumerable<string> In(Assembly assembly, string? kit = null)
    {
        using var image = new PEReader(File.OpenRead(assembly.Location));
        var metadata = image.GetMetadataReader();
        var banned = metadata.MemberReferences.Select(h => (Token: MetadataTokens.GetToken(h), Name: BannedName(metadata, h))).Where(static m => m.Name is not null).ToDictionary(static m => m.Token, static m => m.Name!);
        for (var row = 1; row <= metadata.GetTableRowCount(TableIndex.MethodSpec); row++)
        {
            var generic = MetadataTokens.MethodSpecificationHandle(row);
            if (banned.TryGetValue(MetadataTokens.GetToken(metadata.GetMethodSpecification(generic).Method), out var name))
            {
                banned.Add(MetadataTokens.GetToken(generic), name);
            }
        }

        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0 || IsIn(metadata, method.GetDeclaringType(), kit))
            {
                continue;
            }

            // A token found at an odd place, in a number for instance, would only be one that is looked at by mistake.
            var code = image.GetMethodBody(method.RelativeVirtualAddress).GetILBytes() ?? [];
            for (var at = 1; at + 4 <= code.Length; at++)
            {
                if (code[at - 1] is Call or CallVirtual or NewObject && banned.TryGetValue(BitConverter.ToInt32(code, at), out var called))
                {
                    found.Add(called);
                }
            }
        }

        return found;
    }

    private static string? BannedName(MetadataReader metadata, MemberReferenceHandle handle)
    {
        var member = metadata.GetMemberReference(handle);
        if (member.Parent.Kind is not HandleKind.TypeReference)
        {
            return null;
        }

        var type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
        var (name, called) = (metadata.GetString(type.Name), metadata.GetString(member.Name));
        return metadata.GetString(type.Namespace) is "System.Text.Json" or "System.Text.Json.Nodes" && Banned.TryGetValue(name, out var banned) && (banned is ["*"] || banned.Contains(called))
            ? $"{name}.{called}"
            : null;
    }

    // A nested type, such as an iterator's, stands in the namespace of the type around it.
    private static bool IsIn(MetadataReader metadata, TypeDefinitionHandle handle, string? kit)
    {
        var type = metadata.GetTypeDefinition(handle);
        while (type.IsNested)
        {
            type = metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        return kit is not null && metadata.GetString(type.Namespace) == kit;
    }
}
