namespace Synthwave.UnitTests.Architecture;

/// <summary>
/// Who may use whom, by folder. A room uses rooms to its right, the vocabulary and the ground; vocabulary uses the ground and the vocabulary it is written
/// in; the ground uses nothing. Hosting puts the rooms together and is used by commands only; only commands and the hosting simulate.
/// </summary>
internal static class HouseRules
{
    private static readonly string[] Rooms = ["Api", "Routing", "Strategies", "Upstreams"];

    private static readonly string[] Ground = ["Json", "Sse"];

    private static readonly Dictionary<string, string[]> Vocabulary = new()
    {
        ["Providers"] = [],
        ["Configuration"] = ["Providers"],
        ["Chat"] = ["Configuration"],
        ["Catalog"] = ["Configuration", "Chat", "Providers"],
        ["Telemetry"] = ["Configuration", "Chat"],
        ["Store"] = ["Configuration", "Chat", "Telemetry"],
    };

    /// <summary>The uses under <paramref name="root"/> that break a rule, as <c>A.X → B.Y</c>.</summary>
    public static IEnumerable<string> Broken(IEnumerable<TypeUse> uses, string root) =>
        from use in uses
        let tail = root.Length + 1
        let fromPath = use.FromNamespace.Length > tail ? use.FromNamespace[tail..] : ""
        let toPath = use.ToNamespace.Length > tail ? use.ToNamespace[tail..] : ""
        where !IsAllowed(fromPath, toPath)
        select $"{fromPath}.{use.From} → {toPath}.{use.To}";

    private static bool IsAllowed(string fromPath, string toPath)
    {
        if (IsToml(fromPath))
        {
            return IsToml(toPath);
        }

        var (from, to) = (fromPath.Split('.')[0], toPath.Split('.')[0]);
        return from switch
        {
            _ when from == to => true,
            "" or "Commands" => true,
            "Hosting" => to != "Commands",
            _ when Array.IndexOf(Ground, from) >= 0 => false,
            _ when Array.IndexOf(Ground, to) >= 0 => true,
            "Simulation" => Vocabulary.ContainsKey(to),
            _ when Vocabulary.TryGetValue(from, out var allowed) => allowed.Contains(to),
            _ when Array.IndexOf(Rooms, from) is >= 0 and var room => Vocabulary.ContainsKey(to) || Array.IndexOf(Rooms, to) > room,

            // A folder these rules do not know has no place yet.
            _ => false,
        };
    }

    private static bool IsToml(string path) => path == "Configuration.Toml" || path.StartsWith("Configuration.Toml.", StringComparison.Ordinal);
}
