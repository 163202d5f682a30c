using System.Text.Json.Serialization;

namespace Synthwave.Providers;

/// <summary>The JSON of the lists that the program brings along. What it does not know is refused, so that a slip in a list is found when it is written.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PresetFile))]
[JsonSerializable(typeof(CuratedFile))]
internal sealed partial class ProvidersJson : JsonSerializerContext;
