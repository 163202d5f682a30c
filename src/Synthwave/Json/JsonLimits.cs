namespace Synthwave.Json;

/// <summary>Bounds of every JSON document that is read here.</summary>
internal static class JsonLimits
{
    /// <summary>Levels of arrays and objects a document may nest.</summary>
    public const int MaxDepth = 256;

    /// <summary>Levels of an object that came as text within one document and is to become part of another, which must not grow too deep by it.</summary>
    public const int MaxEmbeddedDepth = 128;

    /// <summary>Bytes of the longest model or function name that is read out of one: no configured name comes near it.</summary>
    public const int MaxNameBytes = 4096;
}
