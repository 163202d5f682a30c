namespace Synthwave.Chat.Completions;

/// <summary>How a vector is written down.</summary>
[Flags]
internal enum VectorForm
{
    None = 0,

    /// <summary>An array of numbers.</summary>
    Numbers = 1,

    /// <summary>The little-endian 32-bit floats in base64.</summary>
    Base64 = 2,

    /// <summary>An array of something else, as of several vectors.</summary>
    Other = 4,
}
