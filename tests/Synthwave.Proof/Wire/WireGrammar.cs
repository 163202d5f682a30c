using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;

namespace Synthwave.Proof.Wire;

/// <summary>Draws how an answer is put on the wire: all that servers do to it, combined, whole or broken.</summary>
internal static class WireGrammar
{
    private static readonly ImmutableArray<string> SaysNothing =
    [
        "{}", "[]", "null", "", "true", "\"text\"", "<html>busy</html>", """{"choices":null}""", """{"choices":[]}""", """{"choices":[{"index":0,"message":null,"finish_reason":"stop"}]}""",
        """{"choices":[null]}""", """{"choices":[{}]}""", """{"choices":{}}""", """{"object":"error","message":"no","type":"InternalServerError","code":500}""", """{"code":1234,"msg":"quota used up"}""",
        """{"error":{"code":429,"message":"slow down"}}""", """{"error":"overloaded"}""", """{"detail":"no"}""", """{"success":false,"errors":[{"message":"no"}]}""",
    ];

    private static readonly ImmutableArray<string> EndsOnly =
    [
        "data: [DONE]\n\n", "", ": nothing\n\n", "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\ndata: [DONE]\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":0,\"total_tokens\":1}}\n\ndata: [DONE]\n\n", "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"overloaded_error\",\"code\":529}}\n\n",
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n", "data: {\"object\":\"error\",\"message\":\"no\",\"code\":500}\n\n", "data: null\n\ndata: [DONE]\n\n", "data: {\"cho\n\n",
    ];

    private static readonly ImmutableArray<string?> StreamLabels = ["text/event-stream", "text/event-stream; charset=utf-8", "TEXT/EVENT-STREAM", "text/plain", "application/json", "application/octet-stream", null];

    private static readonly ImmutableArray<string?> JsonLabels = ["application/json", "application/json; charset=utf-8", "text/plain", "text/event-stream", "text/html", null];

    /// <summary>The reply of a model that has <paramref name="answer"/> to give to a request that asks for a stream or not.</summary>
    public static WireReply Draw(Random random, WireAnswer answer, bool streamed)
    {
        var asStream = random.Next(20) == 0 ? !streamed : streamed;
        return random.Next(100) switch
        {
            < 3 => Plain(random, asStream, Pick(random, asStream ? EndsOnly : SaysNothing), "says nothing"),
            < 5 => Failed(random, answer, asStream),
            < 15 => Broken(random, answer, asStream),
            _ => Whole(random, answer, asStream),
        };
    }

    private static WireReply Whole(Random random, WireAnswer answer, bool asStream)
    {
        var (text, _, name) = Write(random, answer, asStream, null);
        var body = Encoding.UTF8.GetBytes(text);
        var encoding = random.Next(10) == 0 ? Pick(random, ["gzip", "deflate", "br"]) : null;
        return new(200, Label(random, asStream), encoding, encoding is null ? body : Compressed(body, encoding), Pauses(random, body.Length), WireEnd.Complete, IsWhole: true, name);
    }

    // Half an answer that says so itself.
    private static WireReply Failed(Random random, WireAnswer answer, bool asStream)
    {
        var half = answer with { Text = answer.Text[..(answer.Text.Length / 2)], Calls = [] };
        var (text, _, name) = Write(random, half, asStream, Pick(random, ["error", "abort"]));
        return Plain(random, asStream, text, $"failed {name}");
    }

    private static WireReply Broken(Random random, WireAnswer answer, bool asStream)
    {
        var (text, finished, name) = Write(random, answer, asStream, null);
        var body = Encoding.UTF8.GetBytes(text);
        var at = random.Next(body.Length);
        var end = random.Next(40) == 0 && asStream ? WireEnd.Silence : (WireEnd)random.Next(2);
        var seen = finished is { } mark && at >= Encoding.UTF8.GetByteCount(text.AsSpan(0, mark));
        return new(200, asStream ? "text/event-stream" : "application/json", null, body[..at], Pauses(random, at), end, IsWhole: seen && end is WireEnd.Complete, $"cut at {at} of {body.Length}, {end} {name}") { IsCut = true };
    }

    private static WireReply Plain(Random random, bool asStream, string text, string name)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return new(200, Label(random, asStream), null, body, Pauses(random, body.Length), WireEnd.Complete, IsWhole: false, name);
    }

    private static (string Text, int? Finished, string Name) Write(Random random, WireAnswer answer, bool asStream, string? failure) =>
        asStream ? StreamGrammar.Write(random, answer, failure) : (JsonGrammar.Write(random, answer, failure), null, "json");

    private static string? Label(Random random, bool asStream)
    {
        var labels = asStream ? StreamLabels : JsonLabels;
        return random.Next(3) == 0 ? Pick(random, labels) : labels[0];
    }

    private static int[] Pauses(Random random, int length) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(length + 1)).Order()];

    private static byte[] Compressed(byte[] body, string encoding)
    {
        using var target = new MemoryStream();
        using (Stream writer = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            writer.Write(body);
        }

        return target.ToArray();
    }

    private static T Pick<T>(Random random, ImmutableArray<T> all) => all[random.Next(all.Length)];
}
