using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Synthwave.UnitTests.Architecture;

/// <summary>
/// Members of the JSON library that throw at an escape which is half of a surrogate pair: what others send would end in a 500. The <c>Json</c> room has one
/// that does not for each of them.
/// </summary>
internal static class BannedCalls
{
    private static readonly Dictionary<string, string[]> Banned = new()
    {
        ["Utf8JsonReader"] = ["ValueTextEquals", "GetString", "CopyString", "GetComment", "GetGuid", "TryGetGuid", "GetDateTime", "TryGetDateTime", "GetDateTimeOffset", "TryGetDateTimeOffset", "GetBytesFromBase64", "TryGetBytesFromBase64"],
        ["JsonProperty"] = ["NameEquals", "get_Name", "WriteTo", "ToString"],
        ["JsonElement"] =
        [
            "GetProperty", "TryGetProperty", "ValueEquals", "DeepEquals", "GetString", "WriteTo", "ToString", "GetGuid", "TryGetGuid", "GetDateTime", "TryGetDateTime", "GetDateTimeOffset", "TryGetDateTimeOffset",
            "GetBytesFromBase64", "TryGetBytesFromBase64",
        ],
    };

    /// <summary>Those an assembly mentions, as <c>Type.Member</c>. What is not called at all is not in its table of foreign members.</summary>
    public static IEnumerable<string> In(Assembly assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly.Location));
        var metadata = image.GetMetadataReader();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind is not HandleKind.TypeReference)
            {
                continue;
            }

            var type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
            var (name, called) = (metadata.GetString(type.Name), metadata.GetString(member.Name));
            if (metadata.GetString(type.Namespace) is "System.Text.Json" && Banned.TryGetValue(name, out var banned) && banned.Contains(called))
            {
                found.Add($"{name}.{called}");
            }
        }

        return found;
    }
}
