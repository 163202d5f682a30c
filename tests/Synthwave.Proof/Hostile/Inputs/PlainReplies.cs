using System.Text;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>What a server in order answers, for every path the gateway calls. The answer names the number of the request, so that a mix-up shows.</summary>
internal static class PlainReplies
{
    private const string Words = " and more of it";
    private const int LargeWords = 120_000;
    private const int HugeWords = 1_400_000;

    /// <summary>The text of an answer; a voter reads it as a yes.</summary>
    public static string Text(long number) => FormattableString.Invariant($"yes, answer to {number}");

    public static UpstreamReply Of(UpstreamCall call)
    {
        var words = call.Order.Word switch { UpstreamCall.Large => LargeWords, UpstreamCall.Huge => HugeWords, _ => 0 };
        var text = Text(call.Order.Number) + string.Concat(Enumerable.Repeat(Words, words));
        var isStream = call.IsStream && !IsListing(call.Path);
        return UpstreamReply.Of(Body(call, text), isStream);
    }

    /// <summary>The body alone, as it should be.</summary>
    public static string Body(UpstreamCall call, string text) => call.Path switch
    {
        var path when IsListing(path) => """{"object":"list","data":[{"id":"a","object":"model"},{"id":"b","object":"model"},{"id":"c","object":"model"},{"id":"s","object":"model"},{"id":"claude","object":"model"}]}""",
        var path when path.EndsWith("/embeddings", StringComparison.Ordinal) => Embeddings(call.Inputs),
        var path when path.EndsWith("tokenize", StringComparison.Ordinal) => """{"count":3,"max_model_len":65536,"tokens":[1,2,3]}""",
        var path when path.EndsWith("/messages", StringComparison.Ordinal) => call.IsStream ? MessageEvents(text) : Message(text),
        var path when path.EndsWith("/chat/completions", StringComparison.Ordinal) => call.IsStream ? ChatEvents(text) : Chat(text),
        _ => call.IsStream ? CompletionEvents(text) : Completion(text),
    };

    private static bool IsListing(string path) => path.EndsWith("/models", StringComparison.Ordinal) || path.Contains("/models?", StringComparison.Ordinal);

    private static string Chat(string text) =>
        $$$"""{"id":"c1","object":"chat.completion","created":1750000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""";

    private static string ChatEvents(string text)
    {
        var events = new StringBuilder();
        foreach (var (i, piece) in Pieces(text).Index())
        {
            var role = i == 0 ? "\"role\":\"assistant\"," : "";
            events.Append($$$"""data: {"id":"c1","object":"chat.completion.chunk","created":1750000000,"model":"m","choices":[{"index":0,"delta":{{{{role}}}"content":"{{{piece}}}"},"finish_reason":null}]}""").Append("\n\n");
        }

        return events
            .Append("""data: {"id":"c1","object":"chat.completion.chunk","created":1750000000,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""").Append("\n\n")
            .Append("""data: {"id":"c1","object":"chat.completion.chunk","created":1750000000,"model":"m","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""").Append("\n\ndata: [DONE]\n\n")
            .ToString();
    }

    private static string Completion(string text) =>
        $$$"""{"id":"t1","object":"text_completion","created":1750000000,"model":"m","choices":[{"index":0,"text":"{{{text}}}","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""";

    private static string CompletionEvents(string text) =>
        string.Concat(Pieces(text).Select(p => $$"""data: {"id":"t1","object":"text_completion","created":1750000000,"model":"m","choices":[{"index":0,"text":"{{p}}","logprobs":null,"finish_reason":null}]}""" + "\n\n"))
        + """data: {"id":"t1","object":"text_completion","created":1750000000,"model":"m","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n";

    private static string Message(string text) =>
        $$$"""{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"{{{text}}}"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":5}}""";

    private static string MessageEvents(string text)
    {
        static string Event(string name, string data) => $"event: {name}\ndata: {data}\n\n";
        return Event("message_start", """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":1}}}""")
            + Event("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""")
            + string.Concat(Pieces(text).Select(p => Event("content_block_delta", $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{{p}}}"}}""")))
            + Event("content_block_stop", """{"type":"content_block_stop","index":0}""")
            + Event("message_delta", """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}""")
            + Event("message_stop", """{"type":"message_stop"}""");
    }

    private static string Embeddings(int inputs) =>
        """{"object":"list","data":["""
        + string.Join(',', Enumerable.Range(0, inputs).Select(i => $$"""{"object":"embedding","index":{{i}},"embedding":[0.25,-0.5]}"""))
        + """],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}""";

    // A long text in few pieces: what is large need not be slow.
    private static IEnumerable<string> Pieces(string text)
    {
        var size = Math.Max(4, text.Length / 64);
        return text.Chunk(size).Select(c => new string(c));
    }
}
