using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Synthwave.Json;

/// <summary>Values of types whose JSON is described at compile time, where both ends are ours.</summary>
internal static class JsonTyped
{
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>The value; null = the text is no JSON of that type, whoever wrote it.</summary>
    public static T? TryRead<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            // The second is an escape that is half of a surrogate pair.
            return null;
        }
    }
}
