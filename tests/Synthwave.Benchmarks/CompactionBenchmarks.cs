using System.Text;
using BenchmarkDotNet.Attributes;
using Synthwave.Strategies.MixtureOfAgents.Compaction;

namespace Synthwave.Benchmarks;

/// <summary>What it costs to make an agent's long conversation fit: indexed once, fitted to three windows.</summary>
[MemoryDiagnoser]
public class CompactionBenchmarks
{
    private byte[] _messages = [];
    private Conversation _conversation = null!;

    [Params(100, 1000)]
    public int Messages { get; set; }

    [GlobalSetup]
    public void Compose()
    {
        var text = new StringBuilder("[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Repair the build.\"}");
        var line = string.Concat(Enumerable.Repeat("a caf\\u00e9 line\\nof tool output ", 30));
        for (var i = 2; i < Messages; i += 2)
        {
            text.Append(",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c").Append(i)
                .Append("\",\"type\":\"function\",\"function\":{\"name\":\"read\",\"arguments\":\"{\\\"path\\\":\\\"src/a.cs\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c").Append(i)
                .Append("\",\"content\":\"").Append(line).Append("\"}");
        }

        _messages = Encoding.UTF8.GetBytes(text.Append(']').ToString());
        _conversation = Conversation.Of(_messages);
    }

    /// <summary>Structure and estimates.</summary>
    [Benchmark]
    public int Index() => Conversation.Of(_messages).Tokens;

    /// <summary>A window of a quarter of the conversation.</summary>
    [Benchmark]
    public int Fit() => _conversation.Fit(_conversation.Tokens / 4)!.Tokens;

    /// <summary>The whole of it for three generators with different windows.</summary>
    [Benchmark]
    public int IndexAndFitThree()
    {
        var conversation = Conversation.Of(_messages);
        return conversation.Fit(conversation.Tokens / 2)!.Tokens + conversation.Fit(conversation.Tokens / 4)!.Tokens + conversation.Fit(conversation.Tokens / 8)!.Tokens;
    }
}
