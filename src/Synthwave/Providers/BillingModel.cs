using System.Text.Json.Serialization;

namespace Synthwave.Providers;

/// <summary>What a provider asks money for.</summary>
internal enum BillingModel
{
    /// <summary>Tokens or requests, each with a price.</summary>
    [JsonStringEnumMemberName("metered")]
    Metered,

    /// <summary>A subscription or an allowance, within limits.</summary>
    [JsonStringEnumMemberName("plan")]
    Plan,

    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("free")]
    Free,

    /// <summary>Nothing: the machine is the operator's.</summary>
    [JsonStringEnumMemberName("local")]
    Local,
}
