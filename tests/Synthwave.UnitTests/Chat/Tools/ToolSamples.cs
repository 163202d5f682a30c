using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;

namespace Synthwave.UnitTests.Chat.Tools;

internal static class ToolSamples
{
    public static DeclaredTools Declared(params string[] names) => DeclaredTools.Read(Encoding.UTF8.GetBytes(
        $"[{string.Join(',', names.Select(n => $$$"""{"type":"function","function":{"name":{{{JsonSerializer.Serialize(n)}}}}}"""))}]"));

    /// <summary><c>mode</c> is none, auto, required, or a forced name.</summary>
    public static ToolContract Contract(string mode, string[] declared, bool parallel = true, bool legacy = false) => mode switch
    {
        "none" => ToolContract.Of(ToolChoice.None, Declared(declared), null, parallel, legacy),
        "auto" => ToolContract.Of(ToolChoice.Auto, Declared(declared), null, parallel, legacy),
        "required" => ToolContract.Of(ToolChoice.Required, Declared(declared), null, parallel, legacy),
        var forced => ToolContract.Of(ToolChoice.Specific, Declared(declared), forced, parallel, legacy),
    };

    public static Completion Completion(string message, string finishReason = "stop") =>
        CompletionReader.Read(Encoding.UTF8.GetBytes(
            $$"""{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{{message}},"finish_reason":"{{finishReason}}"}]}"""))!;

    public static string Call(string name, string arguments = "{}", string id = "call_1") =>
        $$$"""{"id":"{{{id}}}","type":"function","function":{"name":{{{JsonSerializer.Serialize(name)}}},"arguments":{{{JsonSerializer.Serialize(arguments)}}}}}""";

    public static string Calling(params string[] names) =>
        $$"""{"role":"assistant","content":null,"tool_calls":[{{string.Join(',', names.Select((n, i) => Call(n, id: $"call_{i}")))}}]}""";

    public static string Saying(string text) => $$"""{"role":"assistant","content":{{JsonSerializer.Serialize(text)}}}""";

    /// <summary>Calls as <c>name</c> or <c>name:arguments</c>.</summary>
    public static ImmutableArray<ToolCall> Calls(params string[] calls) =>
        [.. calls.Select((c, i) => new ToolCall($"id{i}", c.Split(':', 2)[0], c.Contains(':', StringComparison.Ordinal) ? c.Split(':', 2)[1] : "{}", default))];
}
