using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Events;
using Synthwave.Chat.Reasoning;
using Synthwave.Json;
using Synthwave.Sse;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat;

/// <summary>What real servers send, and builders for what they might.</summary>
internal static class AnswerSamples
{
    /// <summary>A llama.cpp server's stream with usage, shortened.</summary>
    public const string LlamaStream = """
        data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1795182637,"id":"chatcmpl-6tXaVtXjaEWzrYfCeXGLZ5laFAUivA8z","model":"tiny-1","system_fingerprint":"b11669-Debian","object":"chat.completion.chunk"}

        data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"@"}}],"created":1795182637,"id":"chatcmpl-6tXaVtXjaEWzrYfCeXGLZ5laFAUivA8z","model":"tiny-1","system_fingerprint":"b11669-Debian","object":"chat.completion.chunk"}

        data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"X"}}],"created":1795182637,"id":"chatcmpl-6tXaVtXjaEWzrYfCeXGLZ5laFAUivA8z","model":"tiny-1","system_fingerprint":"b11669-Debian","object":"chat.completion.chunk"}

        data: {"choices":[{"finish_reason":"length","index":0,"delta":{}}],"created":1795182637,"id":"chatcmpl-6tXaVtXjaEWzrYfCeXGLZ5laFAUivA8z","model":"tiny-1","system_fingerprint":"b11669-Debian","object":"chat.completion.chunk"}

        data: {"choices":[],"created":1795182637,"id":"chatcmpl-6tXaVtXjaEWzrYfCeXGLZ5laFAUivA8z","model":"tiny-1","system_fingerprint":"b11669-Debian","object":"chat.completion.chunk","usage":{"completion_tokens":6,"prompt_tokens":34,"total_tokens":40,"prompt_tokens_details":{"cached_tokens":33}},"timings":{"cache_n":33,"prompt_n":1,"prompt_ms":0.392}}

        data: [DONE]


        """;

    /// <summary>A llama.cpp server's buffered answer.</summary>
    public const string LlamaCompletion = """
        {"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant","content":"@XT-Sq-@[0>4"}}],"created":1795182637,"model":"tiny-1","system_fingerprint":"b11669-Debian","object":"chat.completion","usage":{"completion_tokens":12,"prompt_tokens":34,"total_tokens":46,"prompt_tokens_details":{"cached_tokens":0}},"id":"chatcmpl-XnbEr0hDMHi2hlf30u7nrCN7Amhh029a","timings":{"cache_n":0,"prompt_n":34,"prompt_ms":1.313}}
        """;

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static string Quote(string text) => Encoding.UTF8.GetString(JsonText.Quote(text));

    public static string Chunk(string delta, string finish = "null", string more = "") =>
        "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" + delta +
        ",\"finish_reason\":" + finish + "}]" + more + "}";

    public static string ContentChunk(string text) => Chunk("{\"content\":" + Quote(text) + "}");

    public static string Role => Chunk("""{"role":"assistant","content":""}""");

    public static string Stop => Chunk("{}", "\"stop\"");

    public static string SseOf(params string[] payloads) => string.Concat(payloads.Select(payload => $"data: {payload}\n\n"));

    public static CleanAnswerStream Clean(string sse, AnswerPolicy? policy = null) =>
        new(new ByteStream(Utf8(sse)), policy ?? new AnswerPolicy(), TimeProvider.System);

    /// <summary>Reads a stream to its end and gives the events' bytes as text.</summary>
    public static async Task<List<string>> ReadAllAsync(ChatStream stream)
    {
        var events = new List<string>();
        while (await stream.MoveNextAsync(CancellationToken.None))
        {
            events.Add(Text(stream.Current.Raw));
        }

        return events;
    }

    /// <summary>The member of every delta, joined.</summary>
    public static string Join(IEnumerable<string> events, string member = "content")
    {
        var text = new StringBuilder();
        foreach (var item in events)
        {
            using var chunk = JsonDocument.Parse(item["data: ".Length..]);
            foreach (var choice in chunk.RootElement.GetProperty("choices").EnumerateArray())
            {
                if (choice.GetProperty("delta").TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String)
                {
                    text.Append(JsonText.Unescape(JsonMarshal.GetRawUtf8Value(value)[1..^1]));
                }
            }
        }

        return text.ToString();
    }

    public static string Completion(string message, string finish = "\"stop\"") =>
        "{\"id\":\"c1\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":" + message + ",\"finish_reason\":" + finish +
        "}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}";

    /// <summary>Pieces of <paramref name="text"/>, cut at random.</summary>
    public static List<string> Cut(string text, Random random)
    {
        var pieces = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(text.Length - at, random.Next(1, 9));
            pieces.Add(text.Substring(at, length));
            at += length;
        }

        return pieces;
    }

    /// <summary>Runs the incremental filter over pieces.</summary>
    public static (string Visible, string Reasoning, LeadingReasoningFilter Filter) Filter(IEnumerable<string> pieces, bool isPrefilled = false)
    {
        var filter = new LeadingReasoningFilter(isPrefilled);
        var visible = new ArrayBufferWriter<char>();
        var reasoning = new ArrayBufferWriter<char>();
        foreach (var piece in pieces)
        {
            filter.Feed(piece, visible, reasoning);
        }

        filter.Complete(visible, reasoning);
        return (new string(visible.WrittenSpan), new string(reasoning.WrittenSpan), filter);
    }

    /// <summary>Gives the bytes in chosen portions.</summary>
    public sealed class PortionStream(byte[] bytes, params int[] cuts) : Stream
    {
        private int _position;

        public int ZeroByteReads { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (buffer.IsEmpty)
            {
                ZeroByteReads++;
                return new(0);
            }

            var end = cuts.Where(cut => cut > _position).DefaultIfEmpty(bytes.Length).Min();
            var length = Math.Min(buffer.Length, end - _position);
            bytes.AsMemory(_position, length).CopyTo(buffer);
            _position += length;
            return new(length);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>A source over bytes, as an upstream's stream is.</summary>
    public sealed class ByteStream(byte[] bytes, GatewayError? failure = null) : ChatStream
    {
        private readonly SseEventReader _reader = new(new MemoryStream(bytes));
        private readonly ChunkScanner _scanner = new();

        public bool IsDisposed { get; private set; }

        public override StreamStep Step()
        {
            if (!_reader.TryRead())
            {
                return _reader.End is SseEnd.None ? StreamStep.Pending
                    : Fail(_reader.End is SseEnd.Complete ? failure : new GatewayError(502, "upstream_error", $"{_reader.End}"));
            }

            if (!_scanner.TryClassify(_reader, out var current))
            {
                return Fail(new GatewayError(502, "upstream_protocol_error", "malformed"));
            }

            Current = current;
            return StreamStep.Event;
        }

        public override ValueTask WaitAsync(CancellationToken cancellationToken) => _reader.FillAsync(cancellationToken);

        private StreamStep Fail(GatewayError? error)
        {
            Failure = error;
            return StreamStep.End;
        }

        public override ValueTask DisposeAsync()
        {
            IsDisposed = true;
            _reader.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
