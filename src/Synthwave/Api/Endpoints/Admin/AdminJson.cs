using System.Text.Json.Serialization;

namespace Synthwave.Api.Endpoints.Admin;

/// <summary>What <c>/admin</c> tells beside the journal, as JSON: names in snake_case, what is unknown left out.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UpstreamStatuses))]
internal sealed partial class AdminJson : JsonSerializerContext;
