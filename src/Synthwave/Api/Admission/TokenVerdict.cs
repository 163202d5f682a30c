namespace Synthwave.Api.Admission;

/// <summary>What a request shows where a token is asked for.</summary>
internal enum TokenVerdict
{
    /// <summary>The token.</summary>
    Right,

    /// <summary>Something else.</summary>
    Wrong,

    /// <summary>Nothing.</summary>
    Missing,
}
