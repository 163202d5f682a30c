using System.Text.Json.Serialization;

namespace Synthwave.Providers;

/// <summary>How a request shows its key.</summary>
internal enum KeyScheme
{
    /// <summary><c>Authorization: Bearer</c>.</summary>
    [JsonStringEnumMemberName("bearer")]
    Bearer,

    /// <summary>The header <c>x-api-key</c>.</summary>
    [JsonStringEnumMemberName("x-api-key")]
    XApiKey,

    /// <summary>The header <c>api-key</c>.</summary>
    [JsonStringEnumMemberName("api-key")]
    ApiKey,

    /// <summary>The query parameter <c>key</c>.</summary>
    [JsonStringEnumMemberName("query")]
    Query,

    /// <summary>Not at all.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}
