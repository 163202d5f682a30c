using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Agents;

/// <summary>What an upstream was sent of a conversation, in the order in which its cache of prompts reads it, byte for byte but for the marks of such caches.</summary>
/// <param name="Head">What stands before the messages: tools and system.</param>
/// <param name="Pieces">The messages; of Anthropic's API, where turns grow, their blocks.</param>
/// <param name="Calls">The ids of calls, in order.</param>
/// <param name="Outputs">The ids of the calls that have an output, in order.</param>
internal sealed partial record SentConversation(ImmutableArray<string> Head, ImmutableArray<string> Pieces, ImmutableArray<string> Calls, ImmutableArray<string> Outputs)
{
    /// <summary>It offers tools.</summary>
    public bool HasTools => Head[0].Length > 0;

    public static SentConversation Of(RecordedRequest request)
    {
        var body = request.Json;
        var messages = body.GetProperty("messages").EnumerateArray().ToList();
        string[] head = [Member(body, "tools"), Member(body, "system")];
        if (request.Path.EndsWith("/chat/completions", StringComparison.Ordinal))
        {
            return new(
                [.. head],
                [.. messages.Select(Unmarked)],
                [.. messages.SelectMany(static m => m.TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray().ToArray() : []).Select(static c => c.At("id").GetString()!)],
                [.. messages.Where(static m => m.At("role").GetString() is "tool").Select(static m => m.At("tool_call_id").GetString()!)]);
        }

        List<(string Role, JsonElement Block)> blocks = [.. messages.SelectMany(static m => m.At("content").EnumerateArray().Select(b => (m.At("role").GetString()!, b)))];
        return new(
            [.. head],
            [.. blocks.Select(static b => $"{b.Role} {Unmarked(b.Block)}")],
            [.. blocks.Where(static b => b.Block.At("type").GetString() is "tool_use").Select(static b => b.Block.At("id").GetString()!)],
            [.. blocks.Where(static b => b.Block.At("type").GetString() is "tool_result").Select(static b => b.Block.At("tool_use_id").GetString()!)]);
    }

    private static string Member(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? Unmarked(value) : "";

    private static string Unmarked(JsonElement json) => Mark().Replace(json.GetRawText(), "");

    [GeneratedRegex(""",?"cache_control":\{[^{}]*\}""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}
