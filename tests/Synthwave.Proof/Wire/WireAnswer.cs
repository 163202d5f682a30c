using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Synthwave.Proof.Wire;

/// <summary>What a model has to say, before it is put on the wire. No text or argument is the beginning of another model's.</summary>
/// <param name="Text">Visible text; empty only beside calls.</param>
/// <param name="Reasoning">Hidden thought; may be empty.</param>
/// <param name="Calls">In order.</param>
/// <param name="Finish">The reason as OpenAI names it.</param>
internal sealed record WireAnswer(string Text, string Reasoning, ImmutableArray<WireCall> Calls, string Finish)
{
    private static readonly ImmutableArray<string> Words = ["plain", "\"quoted\"", "zwölf", "データ", "🎛️", "back\\slash", "tab\there", "line\nbreak", "{brace}", "data: x", "[DONE]", "<b>", "null"];

    public static WireAnswer Draw(Random random, string model, long request, bool mayCall)
    {
        var calls = mayCall && random.Next(2) == 0
            ? Enumerable.Range(0, random.Next(1, 4)).Select(i => Call(random, model, request, i)).ToImmutableArray()
            : [];
        var text = calls.IsEmpty || random.Next(2) == 0 ? Sentence(random, $"{model} to {request}:", 30) : "";
        var reasoning = random.Next(3) == 0 ? Sentence(random, $"hidden thought of {model}:", 12) : "";
        return new(text, reasoning, calls, calls.IsEmpty ? random.Next(8) == 0 ? "length" : "stop" : "tool_calls");
    }

    private static WireCall Call(Random random, string model, long request, int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"call_{model}_{request}_{number}"),
        random.Next(2) == 0 ? "read" : "write",
        new JsonObject { ["by"] = model, ["request"] = request, ["number"] = number, ["text"] = Sentence(random, "s", 8) }.ToJsonString());

    private static string Sentence(Random random, string start, int most) =>
        $"{start} {string.Join(' ', Enumerable.Range(0, random.Next(1, most)).Select(_ => Words[random.Next(Words.Length)]))} end.";
}

/// <summary>A tool call of an answer.</summary>
internal sealed record WireCall(string Id, string Name, string Arguments);
