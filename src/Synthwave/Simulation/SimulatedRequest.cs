using System.Collections.Immutable;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>A chat call as a responder sees it. The messages are read from the bytes when first asked for.</summary>
internal sealed class SimulatedRequest
{
    private readonly Lazy<ImmutableArray<SimulatedMessage>> _messages;

    internal SimulatedRequest(ChatCallFacts facts, ReadOnlyMemory<byte> body, IHeaderDictionary headers, long call)
    {
        Facts = facts;
        Body = body;
        Headers = headers;
        Call = call;
        _messages = new(() => SimulatedMessage.ReadAll(Root));
    }

    public ChatCallFacts Facts { get; }

    public string Model => Facts.Model;

    public bool Stream => Facts.Stream;

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Valid only while the responder runs.</summary>
    public IHeaderDictionary Headers { get; }

    /// <summary>Number of this call to this model, counted from 1.</summary>
    public long Call { get; }

    /// <summary>The whole body. Parsed at each use.</summary>
    public JsonElement Root => JsonReading.Element(Body.Span);

    public ImmutableArray<SimulatedMessage> Messages => _messages.Value;

    /// <summary>Text of the newest user message; empty when there is none.</summary>
    public string LastUserText => Messages.LastOrDefault(m => m.Role == "user")?.Text ?? "";

    /// <summary>The texts of all messages, in order, separated by blank lines.</summary>
    public string AllText => string.Join("\n\n", Messages.Select(m => m.Text));
}

/// <summary>One message; text parts are joined by line breaks, other parts left out.</summary>
internal sealed record SimulatedMessage(string Role, string Text)
{
    public static ImmutableArray<SimulatedMessage> ReadAll(JsonElement root)
    {
        if (!root.TryGet("messages"u8, out var messages) || messages.ValueKind is not JsonValueKind.Array)
        {
            return [];
        }

        return [.. messages.EnumerateArray().Where(m => m.ValueKind is JsonValueKind.Object).Select(m => new SimulatedMessage(Member(m, "role"), TextOf(m)))];
    }

    private static string TextOf(JsonElement message)
    {
        if (!message.TryGet("content"u8, out var content))
        {
            return "";
        }

        return content.ValueKind switch
        {
            JsonValueKind.String => content.Text(),
            JsonValueKind.Array => string.Join('\n', content.EnumerateArray().Where(p => p.ValueKind is JsonValueKind.Object && Member(p, "type") == "text").Select(p => Member(p, "text"))),
            _ => "",
        };
    }

    private static string Member(JsonElement element, string name) =>
        element.FindText(name) ?? "";
}
