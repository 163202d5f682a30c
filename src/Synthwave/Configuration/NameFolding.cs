namespace Synthwave.Configuration;

/// <summary>The one rule by which names are the same although their letter case differs: lower case of the whole string, no culture.</summary>
internal static class NameFolding
{
    public static string Fold(string name) => name.ToLowerInvariant();
}
