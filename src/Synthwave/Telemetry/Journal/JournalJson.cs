using System.Text.Json.Serialization;

namespace Synthwave.Telemetry.Journal;

/// <summary>The journal as JSON: names in snake_case, what is unknown left out. Whoever asks another process for it reads it by this too.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(LiveRequests))]
[JsonSerializable(typeof(JournalPage))]
internal sealed partial class JournalJson : JsonSerializerContext;
