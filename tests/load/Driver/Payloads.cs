using System.Globalization;
using System.Text;

namespace Synthwave.Load.Driver;

/// <summary>The bytes that travel: requests of a stated size, a small completion, and a stream of 100 content events.</summary>
internal static class Payloads
{
    public const int StreamEvents = 100;

    /// <summary>The model name the static upstream lists and every reply carries.</summary>
    public const string StaticModel = "bench-model-1";

    /// <summary>Ends every answer of the static upstream, so that a truncated or invented answer is noticed.</summary>
    public const string LastWord = "the-end.";

    public const string Completion =
        $$$"""{"id":"chatcmpl-9f1c2d3e4b5a","object":"chat.completion","created":1767225600,"model":"{{{StaticModel}}}","choices":[{"index":0,"message":{"role":"assistant","content":"Forty-two, as every serious inquiry confirms, {{{LastWord}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":211,"completion_tokens":14,"total_tokens":225}}""";

    public const string Catalog = $$$"""{"object":"list","data":[{"id":"{{{StaticModel}}}","object":"model","created":1767225600,"owned_by":"bench"}]}""";

    /// <summary>A chat request of <paramref name="bytes"/> bytes for <paramref name="model"/>, filled up with prose in one user message.</summary>
    public static byte[] Request(string model, bool stream, int bytes)
    {
        var streamMember = stream ? "\"stream\":true," : string.Empty;
        var head = $$"""{"model":"{{model}}",{{streamMember}}"messages":[{"role":"system","content":"Answer in one sentence."},{"role":"user","content":""" + "\"";
        const string Tail = "\"" + """}],"max_tokens":256,"temperature":0.2}""";
        const string Prose = "Why does the same question, asked of several models, get answers that agree in substance and differ in words? ";

        var body = new StringBuilder(head, bytes);
        while (body.Length + Tail.Length < bytes)
        {
            body.Append(Prose.AsSpan(0, Math.Min(Prose.Length, bytes - Tail.Length - body.Length)));
        }

        return Encoding.UTF8.GetBytes(body.Append(Tail).ToString());
    }

    /// <summary>The same as a request of Anthropic's Messages API.</summary>
    public static byte[] Messages(string model, bool stream, int bytes) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Request(model, stream, bytes))
        .Replace("\"messages\":[{\"role\":\"system\",\"content\":\"Answer in one sentence.\"},", "\"system\":\"Answer in one sentence.\",\"messages\":[", StringComparison.Ordinal));

    /// <summary>The same as a request of the Responses API, kept by nobody.</summary>
    public static byte[] Responses(string model, bool stream, int bytes) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Request(model, stream, bytes))
        .Replace("\"messages\":[{\"role\":\"system\",\"content\":\"Answer in one sentence.\"},", "\"store\":false,\"instructions\":\"Answer in one sentence.\",\"input\":[", StringComparison.Ordinal)
        .Replace("\"max_tokens\"", "\"max_output_tokens\"", StringComparison.Ordinal));

    /// <summary>Role chunk, 100 content chunks of about 200 bytes, finish chunk, usage chunk, <c>[DONE]</c>.</summary>
    public static string EventStream()
    {
        var text = new StringBuilder();
        Append("""[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]""");
        for (var i = 1; i <= StreamEvents; i++)
        {
            var word = i == StreamEvents ? LastWord : string.Create(CultureInfo.InvariantCulture, $"token-{i:d3} ");
            Append($$"""[{"index":0,"delta":{"content":"{{word}}"},"logprobs":null,"finish_reason":null}]""");
        }

        Append("""[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]""");
        Append("[]", ""","usage":{"prompt_tokens":211,"completion_tokens":100,"total_tokens":311}""");
        return text.Append("data: [DONE]\n\n").ToString();

        void Append(string choices, string more = "") => text.Append(
            CultureInfo.InvariantCulture,
            $$"""data: {"id":"chatcmpl-9f1c2d3e4b5a","object":"chat.completion.chunk","created":1767225600,"model":"{{StaticModel}}","choices":{{choices}}{{more}}}""").Append("\n\n");
    }
}
