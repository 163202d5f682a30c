using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Sse;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Dialects;

/// <summary>A random chat answer: what it says, and chunks that say it, calls interleaved, texts cut anywhere.</summary>
internal sealed class ChatScript
{
    private readonly List<string> _chunks = [];

    private ChatScript(Random random)
    {
        Text = random.Next(4) == 0 ? "" : RandomText.Valid(random, random.Next(1, 80));
        Calls = [.. Enumerable.Range(0, random.Next(4)).Select(i => ($"call_{i}_{random.Next(1000)}", $"f{i}", Arguments(random)))];
        FinishReason = Calls.Count > 0 ? "tool_calls" : random.Next(3) == 0 ? "length" : "stop";
        Usage = new TokenUsage { PromptTokens = random.Next(1, 1000), CompletionTokens = random.Next(1, 1000), TotalTokens = 0 };
        Usage = Usage with { TotalTokens = Usage.PromptTokens + Usage.CompletionTokens };
        Script(random);
    }

    public string Text { get; }

    public IReadOnlyList<(string Id, string Name, string Arguments)> Calls { get; }

    public string FinishReason { get; }

    public TokenUsage Usage { get; }

    public static ChatScript Next(Random random) => new(random);

    /// <summary>The answer as one document.</summary>
    public byte[] Completion() => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1,
        ["model"] = "m",
        ["choices"] = new object[]
        {
            new Dictionary<string, object?>
            {
                ["index"] = 0,
                ["message"] = new Dictionary<string, object?>
                {
                    ["role"] = "assistant",
                    ["content"] = Text.Length > 0 ? Text : null,
                    ["tool_calls"] = Calls.Select(c => new Dictionary<string, object?> { ["id"] = c.Id, ["type"] = "function", ["function"] = new { name = c.Name, arguments = c.Arguments } }).ToArray(),
                },
                ["finish_reason"] = FinishReason,
            },
        },
        ["usage"] = new { prompt_tokens = Usage.PromptTokens, completion_tokens = Usage.CompletionTokens, total_tokens = Usage.TotalTokens },
    });

    public IEnumerable<ChatStreamEvent> Events()
    {
        var scanner = new ChunkScanner();
        foreach (var chunk in _chunks)
        {
            var frame = SseFrame.Wrap(Encoding.UTF8.GetBytes(chunk));
            var payload = SseFrame.Payload(frame);
            scanner.TryScan(payload.Span, out var shape, out _).Should().BeTrue();
            yield return new(StreamEventKind.Chunk, frame, payload, shape);
        }
    }

    public DispatchReport Report()
    {
        var report = new DispatchReport("metamodel-0", 0);
        report.AddCall(new CallReport(CallRole.Passthrough, "u", "m", 0) { Usage = Usage });
        return report;
    }

    private static string Arguments(Random random) => JsonSerializer.Serialize(new Dictionary<string, object> { ["k"] = RandomText.Valid(random, random.Next(30)), ["n"] = random.Next() });

    private void Script(Random random)
    {
        Add("{\"role\":\"assistant\",\"content\":\"\"}");
        foreach (var piece in Pieces(random, Text))
        {
            Add($"{{\"content\":{JsonSerializer.Serialize(piece)}}}");
        }

        // Each call in order by itself; calls interleaved at random, as the index allows.
        var queues = Calls.Select((call, index) => new Queue<string>(
        [
            $"{{\"index\":{index},\"id\":\"{call.Id}\",\"type\":\"function\",\"function\":{{\"name\":\"{call.Name}\",\"arguments\":\"\"}}}}",
            .. Pieces(random, call.Arguments).Select(piece => $"{{\"index\":{index},\"function\":{{\"arguments\":{JsonSerializer.Serialize(piece)}}}}}"),
        ])).ToList();
        var begun = 0;
        while (queues.Any(q => q.Count > 0))
        {
            // A later call never begins before an earlier one.
            var open = queues.Select((q, i) => (q, i)).Where(x => x.q.Count > 0 && x.i <= begun).ToList();
            var (queue, at) = open.Count > 0 ? open[random.Next(open.Count)] : (queues[begun + 1], begun + 1);
            begun = Math.Max(begun, random.Next(2) == 0 ? at : Math.Min(at + 1, queues.Count - 1));
            Add($"{{\"tool_calls\":[{queue.Dequeue()}]}}");
        }

        _chunks.Add($"{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{FinishReason}\"}}]}}");
    }

    private static IEnumerable<string> Pieces(Random random, string text)
    {
        var runes = text.EnumerateRunes().Select(r => r.ToString()).ToList();
        while (runes.Count > 0)
        {
            var length = Math.Min(runes.Count, random.Next(1, 9));
            yield return string.Concat(runes.Take(length));
            runes.RemoveRange(0, length);
        }
    }

    private void Add(string delta) =>
        _chunks.Add($"{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]}}");
}

/// <summary>A stream that has ended.</summary>
internal sealed class EndedStream : AnswerStream
{
    public override ReadOnlyMemory<byte>? UsageChunk => null;

    public override StreamLabels Labels => new("\"chatcmpl-1\"", "1", "\"m\"");

    public override StreamStep Step() => StreamStep.End;

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => default;

    public override ValueTask DisposeAsync() => default;
}
