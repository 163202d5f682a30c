using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Chat.Events;
using Synthwave.Chat.Requests;
using Synthwave.Sse;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Benchmarks;

/// <summary>What another dialect costs beside chat: its request read, its answer written, one event of its stream. All in memory.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class DialectBenchmarks
{
    private const int EventCount = 1000;

    private readonly ArrayBufferWriter<byte> _output = new(1024 * 1024);
    private readonly ChunkScanner _scanner = new();
    private byte[] _request = [];
    private byte[] _completion = [];
    private ChatStreamEvent _event;

    /// <summary>Bytes of prose in the request.</summary>
    [Params(1024, 64 * 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var prose = string.Concat(Enumerable.Repeat("Why is it so? ", Size / 14));
        _request = Encoding.UTF8.GetBytes($$"""{"model":"m","max_tokens":256,"system":"Be brief.","messages":[{"role":"user","content":[{"type":"text","text":"{{prose}}"}]}]}""");
        _completion = Encoding.UTF8.GetBytes("""{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Forty-two, as every serious inquiry confirms."},"finish_reason":"stop"}],"usage":{"prompt_tokens":211,"completion_tokens":14,"total_tokens":225}}""");
        var frame = SseFrame.Wrap("""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"""u8);
        _scanner.TryScan(SseFrame.Payload(frame).Span, out var shape, out _);
        _event = new ChatStreamEvent(StreamEventKind.Chunk, frame, SseFrame.Payload(frame), shape);
    }

    /// <summary>A Messages request translated and read as chat.</summary>
    [Benchmark]
    public int ReadMessages()
    {
        using var document = DialectBody.Parse(_request, out _);
        var translation = new MessagesTranslation(document!.RootElement, AnthropicHead.None, new MessagesScope(isOwn: false, isAll: false));
        translation.Run();
        return ChatRequestReader.Read(translation.Body).Request!.PromptTokens;
    }

    /// <summary>A chat completion as a message.</summary>
    [Benchmark]
    public int WriteMessage() => new MessagesShape("metamodel-0", "m", wantsReasoning: false, new MessageCallIds(), static () => 0).Whole(_completion, default).Length;

    /// <summary>One text event of a Messages stream.</summary>
    [Benchmark(OperationsPerInvoke = EventCount)]
    public int MessagesEvents() => Relay(new MessagesShape("metamodel-0", "m", wantsReasoning: false, new MessageCallIds(), static () => 0));

    /// <summary>One text event of a Responses stream.</summary>
    [Benchmark(OperationsPerInvoke = EventCount)]
    public int ResponsesEvents()
    {
        using var document = DialectBody.Parse("""{"model":"m","input":"x"}"""u8.ToArray(), out _);
        return Relay(new ResponsesShape(ResponseEcho.Of(document!.RootElement, "resp_0", 1, null, isStored: false), ResponseWishes.None, null));
    }

    private int Relay(AnswerShape shape)
    {
        _output.ResetWrittenCount();
        shape.Open(new DispatchReport("r", 0), _output);
        for (var i = 0; i < EventCount; i++)
        {
            shape.Write(_event, _output);
        }

        return _output.WrittenCount;
    }
}
