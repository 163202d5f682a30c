using System.Text;
using System.Text.Json;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Upstreams.Calls;

namespace Synthwave.Proof.Fuzz.Targets;

/// <summary>A JSON document as a client's request, and as an upstream's reply of every kind, whole and as one chunk.</summary>
internal sealed class JsonTarget : IFuzzTarget
{
    private const int MostKinds = 6;

    private readonly AnswerPolicy _policy = new() { Brand = "brand" };

    public string Name => "json";

    public IReadOnlyList<string> Words { get; } =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud83d", "\\ude00", "null", "true", "false", "-1", "1e999", "\"model\":", "\"messages\":", "\"role\":\"user\"", "\"role\":\"tool\"", "\"content\":", "\"content\":[{\"type\":\"text\",\"text\":\"x\"}]", "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
        "\"tools\":[", "\"tool_choice\":", "\"functions\":[", "\"stream\":true", "\"stream_options\":{", "\"choices\":[{\"index\":0,", "\"message\":{", "\"delta\":{", "\"finish_reason\":\"stop\"", "\"usage\":{\"prompt_tokens\":1}", "\"logprobs\":{\"content\":[", "\"reasoning_content\":", "<think>", "</think>", "<|channel|>", "\"error\":{\"message\":", "\"data\":[{\"embedding\":[",
        "\"image_url\":{\"url\":\"data:image/png;base64,", "\"x_meta_model\":{\"max_calls\":", "\"n\":1", "\"max_tokens\":1", "\"refusal\":",
    ];

    public string Read(byte[] input)
    {
        var said = new StringBuilder();
        var reading = ChatRequestReader.Read(input);
        said.Append(Outcome.Shape((reading.SchemaError ?? reading.CheckError)?.Message ?? "request")).Append('|');
        if (JsonReading.TryDocument(input) is { } document)
        {
            using (document)
            {
                said.Append(document.RootElement.ValueKind);
                Visit(document.RootElement);
            }
        }

        var completion = CompletionReader.Read(input);
        said.Append(completion is null ? "" : $"|completion {completion.FinishReason?.Length} {completion.Usage is not null} {completion.IsUsable(mayRescue: true)}");
        said.Append(completion is null ? "" : $"|clean {CompletionEditor.Clean(completion, _policy).GetType().Name}");
        said.Append(EmbeddingsReply.Read(input) is { } embeddings ? $"|embeddings {Math.Min(embeddings.Count, MostKinds)} {embeddings.Forms}" : "");
        said.Append(TextCompletionReply.Read(input) is null ? "" : "|text");
        said.Append(new ChunkScanner().TryScan(input, out _, out var isError) ? $"|chunk {isError}" : "");
        _ = UpstreamProtocols.OpenAi.ReadReply(200, input);
        said.Append(UpstreamProtocols.OpenAi.ReadError(400, input).Kind);
        var fold = new CompletionFold();
        fold.Add(input);
        if (!fold.IsEmpty && CompletionReader.Read(fold.ToCompletion(now: 0)) is null)
        {
            throw new InvalidOperationException("A chunk folds to something that is no completion.");
        }

        return said.ToString();
    }

    private static void Visit(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.TryGetName(out _);
                    Visit(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Visit(item);
                }

                break;
            case JsonValueKind.String:
                if (value.TryGetText(out var text))
                {
                    _ = CanonicalJson.OfArguments(text, NumberForm.Typed);
                }

                break;
        }
    }
}
