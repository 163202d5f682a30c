using System.Collections.Immutable;
using System.Text.Json;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Agents;

/// <summary>What a real agent sent in one run, in order, and what its model said: a file of <c>tests/agents/fixtures</c>.</summary>
internal sealed record RecordedAgent(ImmutableArray<RecordedTurn> Requests, ImmutableArray<SimulatedAnswer> Said)
{
    /// <summary>The names of all files, without their ending.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "fixtures", "agents");

    /// <summary>The ids of all calls that the model makes.</summary>
    public IEnumerable<string> CallIds => Said.SelectMany(answer => answer.ToolCalls ?? []).Select(call => call.Id!);

    public static RecordedAgent Read(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name}.json")));
        return new(
            [.. file.RootElement.GetProperty("requests").EnumerateArray().Select(RecordedTurn.Read)],
            [.. file.RootElement.GetProperty("said").EnumerateArray().Select(Answer)]);
    }

    /// <summary>A model of either API that says what the recorded one said: the conversation tells how far it is.</summary>
    public SimulatedModel Model(string id) => SimulatedModel.Answering(id, request =>
    {
        using var body = JsonDocument.Parse(request.Body);
        var done = body.RootElement.GetProperty("messages").EnumerateArray().Sum(OutputsIn);
        var main = done > 0 || body.RootElement.TryGetProperty("tools", out _);
        return main && done < Said.Length ? Said[done] : SimulatedAnswer.Of("A note");
    });

    // A message of its own in a chat, blocks of a user's turn in Anthropic's API.
    private static int OutputsIn(JsonElement message) => message.GetProperty("role").GetString() is "tool" ? 1
        : message.TryGetProperty("content", out var content) && content.ValueKind is JsonValueKind.Array
            ? content.EnumerateArray().Count(static b => b.TryGetProperty("type", out var type) && type.GetString() is "tool_result")
            : 0;

    private static SimulatedAnswer Answer(JsonElement said) => new()
    {
        Text = said.GetProperty("text").GetString(),
        ToolCalls = said.TryGetProperty("call", out var call)
            ? [new(call.GetProperty("name").GetString()!, call.GetProperty("arguments").GetString()!, call.GetProperty("id").GetString())]
            : null,
    };
}
