using System.Text;
using BenchmarkDotNet.Attributes;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Events;
using Synthwave.Sse;
using Synthwave.TestKit;

namespace Synthwave.Benchmarks;

/// <summary>What one stream event costs on its way through, and what cleaning a finished answer costs. All in memory.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class StreamBenchmarks : IDisposable
{
    /// <summary>Events of the streams below; results are per event.</summary>
    private const int EventCount = 5000;

    private readonly ChunkScanner _scanner = new();
    private readonly AnswerPolicy _plain = new();
    private readonly AnswerPolicy _branded = new() { Brand = "brand" };
    private byte[] _stream = [];
    private byte[] _chunk = [];
    private byte[] _otherChunk = [];
    private byte[] _completion = [];
    private byte[] _reasoningCompletion = [];
    private MemoryStream _source = new();

    [GlobalSetup]
    public void Setup()
    {
        var stream = new StringBuilder();
        for (var i = 0; i < EventCount; i++)
        {
            stream.Append("data: ").Append(Chunk(" word" + (i % 100))).Append("\n\n");
        }

        _stream = Encoding.UTF8.GetBytes(stream.Append("data: [DONE]\n\n").ToString());
        _source = new MemoryStream(_stream);
        _chunk = Encoding.UTF8.GetBytes(Chunk(" word"));
        _otherChunk = Encoding.UTF8.GetBytes(Chunk(" word", "abc"));
        var text = string.Concat(Enumerable.Repeat("The quick brown fox jumps.\\n", 75));
        _completion = Encoding.UTF8.GetBytes(Completion(text));
        _reasoningCompletion = Encoding.UTF8.GetBytes(Completion("<think>hm</think>" + text));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _source.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Cutting the stream into events, nothing more.</summary>
    [Benchmark(OperationsPerInvoke = EventCount)]
    public async Task<int> ReadEvents()
    {
        _source.Position = 0;
        using var reader = new SseEventReader(_source);
        var bytes = 0;
        while (await reader.ReadAsync(CancellationToken.None))
        {
            bytes += reader.Raw.Length;
        }

        return bytes;
    }

    /// <summary>Reading, scanning and cleaning where nothing has to change.</summary>
    [Benchmark(OperationsPerInvoke = EventCount)]
    public Task<int> RelayClean() => RelayAsync(_plain);

    /// <summary>The same with the model's name replaced in every event.</summary>
    [Benchmark(OperationsPerInvoke = EventCount)]
    public Task<int> RelayBranded() => RelayAsync(_branded);

    /// <summary>A chunk whose surroundings are known.</summary>
    [Benchmark]
    public bool ScanKnownFrame() => _scanner.TryScan(_chunk, out _, out _);

    /// <summary>Two chunks whose surroundings differ, each read in full.</summary>
    [Benchmark(OperationsPerInvoke = 2)]
    public bool ScanNewFrame() => _scanner.TryScan(_otherChunk, out _, out _) & _scanner.TryScan(_chunk, out _, out _);

    /// <summary>A finished answer of 2 KB in which nothing has to change.</summary>
    [Benchmark]
    public object? CleanCompletion() => CompletionEditor.Clean(_completion, _plain);

    /// <summary>The same with a leading block to strip.</summary>
    [Benchmark]
    public object? StripCompletion() => CompletionEditor.Clean(_reasoningCompletion, _plain);

    private static string Chunk(string text, string fingerprint = "fp_44709d6fcb") =>
        "{\"id\":\"chatcmpl-6tXaVtXjaEWzrYfCeXGL\",\"object\":\"chat.completion.chunk\",\"created\":1795182637,\"model\":\"tiny-1\"," +
        $"\"system_fingerprint\":\"{fingerprint}\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]}}";

    private static string Completion(string text) =>
        "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"tiny-1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" +
        text + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,\"total_tokens\":30}}";

    private async Task<int> RelayAsync(AnswerPolicy policy)
    {
        _source.Position = 0;
        await using var stream = new CleanAnswerStream(new SourceStream(_source), policy, TimeProvider.System);
        var bytes = 0;
        while (await stream.MoveNextAsync(CancellationToken.None))
        {
            bytes += stream.Current.Raw.Length;
        }

        return bytes;
    }

    /// <summary>An upstream's stream without the network.</summary>
    private sealed class SourceStream(Stream stream) : ChatStream
    {
        private readonly SseEventReader _reader = new(stream);
        private readonly ChunkScanner _chunks = new();

        public override StreamStep Step()
        {
            if (!_reader.TryRead())
            {
                return _reader.End is SseEnd.None ? StreamStep.Pending : StreamStep.End;
            }

            if (!_chunks.TryClassify(_reader, out var current))
            {
                return StreamStep.End;
            }

            Current = current;
            return StreamStep.Event;
        }

        public override ValueTask WaitAsync(CancellationToken cancellationToken) => _reader.FillAsync(cancellationToken);

        public override ValueTask DisposeAsync()
        {
            _reader.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
