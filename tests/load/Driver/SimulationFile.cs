using System.Globalization;

namespace Synthwave.Load.Driver;

/// <summary>The simulated models: where time, and not throughput, is measured.</summary>
internal static class SimulationFile
{
    public const string FirstToken0 = "first-token-0";
    public const string FirstToken5 = "first-token-5";
    public const string Paced = "paced";
    public const string Stalled = "stalled";
    public const string Writer = "writer";

    /// <summary>Of every drafter and of the writer, to their first token; nothing after it is paced.</summary>
    public const int EnsembleLatencyMs = 20;

    public static readonly string[] Drafters = ["drafter-1", "drafter-2", "drafter-3"];

    public static readonly string[] Models = [FirstToken0, FirstToken5, Paced, Stalled, .. Drafters, Writer];

    public static string Text()
    {
        var words = string.Join(' ', Enumerable.Range(1, Payloads.StreamEvents).Select(i => i.ToString("'word'000", CultureInfo.InvariantCulture)));
        var timed = string.Concat(Drafters.Append(Writer).Select(model => $"""
            [models.{model}]
            text = "Forty-two, says {model}."
            first_token_ms = {EnsembleLatencyMs}


            """));
        return $$"""
            [models.{{FirstToken0}}]
            text = "Forty-two, all things considered."
            first_token_ms = 0

            [models.{{FirstToken5}}]
            text = "Forty-two, all things considered."
            first_token_ms = 5

            [models.{{Paced}}]
            text = "{{words}}"
            first_token_ms = 5
            tokens_per_sec = 200

            [models.{{Stalled}}]
            text = "One word, and then a very long silence."
            fault = { kind = "stall", after_tokens = 1 }

            {{timed}}
            """;
    }
}
