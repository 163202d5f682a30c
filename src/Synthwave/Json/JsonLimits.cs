namespace Synthwave.Json;

/// <summary>Bounds of every JSON document that is read here.</summary>
internal static class JsonLimits
{
    /// <summary>Levels of arrays and objects a document may nest.</summary>
    public const int MaxDepth = 256;
}
