using System.Text;
using BenchmarkDotNet.Attributes;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;

namespace Synthwave.Benchmarks;

/// <summary>What a request costs before it is sent on: read and judged, edited the way a passthrough does it, rendered.</summary>
[MemoryDiagnoser]
public class BodySpliceBenchmarks
{
    private static readonly byte[] Model = Encoding.UTF8.GetBytes("\"upstream-model\"");
    private static readonly byte[] System = Encoding.UTF8.GetBytes("{\"role\":\"system\",\"content\":\"Be brief.\"}");

    private byte[] _body = [];
    private ChatRequest _request = null!;

    [Params(1024, 4 * 1024, 64 * 1024, 2 * 1024 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Compose()
    {
        const string Head = "{\"model\":\"ensemble\",\"stream\":true,\"temperature\":0.2,\"max_tokens\":512,\"messages\":[";
        const string Tail = "],\"x_meta_model\":{\"profile\":\"best\"},\"metadata\":{\"team\":\"search\"}}";
        var text = new StringBuilder(Head);
        for (var turn = 0; text.Length < Bytes - Tail.Length - 200; turn++)
        {
            text.Append(turn == 0 ? "" : ",").Append(turn % 2 == 0 ? "{\"role\":\"user\"" : "{\"role\":\"assistant\"")
                .Append(",\"content\":\"Turn ").Append(turn)
                .Append(": a caf\\u00e9 line of some length that stands for a prompt, with the occasional\\nbreak and a few more words in it.\"}");
        }

        _body = Encoding.UTF8.GetBytes(text.Append(Tail).ToString());
        _request = ChatRequestReader.Read(_body).Request ?? throw new InvalidOperationException("The benchmark body must be valid.");
    }

    /// <summary>Schema, checks, facts, token estimate and index.</summary>
    [Benchmark]
    public object? ReadAndJudge() => ChatRequestReader.Read(_body).Request;

    /// <summary>Model replaced, extension removed, usage asked for, operator prompt put first.</summary>
    [Benchmark]
    public long SpliceToSegments()
    {
        var body = Edit();
        return body.Segments.Count + body.Length;
    }

    /// <summary>The same into one buffer, which a sender does not need.</summary>
    [Benchmark]
    public int SpliceToArray() => Edit().ToArray().Length;

    private ChatBody Edit() => _request.Body
        .With("model", Model)
        .Without("x_meta_model")
        .With("stream_options", "{\"include_usage\":true}"u8.ToArray())
        .WithLeadingMessages(System);
}
