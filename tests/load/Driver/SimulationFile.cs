using System.Globalization;

namespace Synthwave.Load.Driver;

/// <summary>The simulated models: where a pace or a silence is measured.</summary>
internal static class SimulationFile
{
    public const string FirstToken0 = "first-token-0";
    public const string Paced = "paced";
    public const string Stalled = "stalled";

    public static readonly string[] Models = [FirstToken0, Paced, Stalled];

    public static string Text()
    {
        var words = string.Join(' ', Enumerable.Range(1, Payloads.StreamEvents).Select(i => i.ToString("'word'000", CultureInfo.InvariantCulture)));
        return $$"""
            [models.{{FirstToken0}}]
            text = "Forty-two, all things considered."
            first_token_ms = 0

            [models.{{Paced}}]
            text = "{{words}}"
            first_token_ms = 5
            tokens_per_sec = 200

            [models.{{Stalled}}]
            text = "One word, and then a very long silence."
            fault = { kind = "stall", after_tokens = 1 }
            """;
    }
}
