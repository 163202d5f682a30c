using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Synthwave.Proof.Wire;

/// <summary>The habits of one server, drawn once for a reply: which members it leaves out, how it names things.</summary>
internal sealed class WireStyle(Random random)
{
    private static readonly ImmutableArray<string> Envelope = ["id", "object", "created", "model", "index"];

    private static readonly ImmutableArray<string> Stops = ["stop", "end_turn", "eos", "STOP"];

    private static readonly ImmutableArray<string> Lengths = ["length", "MAX_TOKENS", "max_tokens"];

    private static readonly ImmutableArray<string> CallStops = ["tool_calls", "tool_calls", "tool_use", "stop"];

    private readonly string? _left = random.Next(5) == 0 ? Envelope[random.Next(Envelope.Length)] : null;
    private readonly bool _leavesAll = random.Next(20) == 0;
    private readonly bool _isForeign = random.Next(4) == 0;

    /// <summary>How the role is told.</summary>
    public RoleStyle Role { get; } = random.Next(2) == 0 ? RoleStyle.First : (RoleStyle)random.Next(5);

    /// <summary>Texts are lists of parts.</summary>
    public bool HasParts { get; } = random.Next(6) == 0;

    /// <summary>Where hidden thought is told.</summary>
    public ThoughtStyle Thought { get; } = (ThoughtStyle)random.Next(4);

    /// <summary>The finish reason on the wire; null = it is never told.</summary>
    public string? Finish(WireAnswer answer, bool mayBeMissing)
    {
        if (mayBeMissing && answer.Finish is not "length" && random.Next(12) == 0)
        {
            return null;
        }

        var names = answer.Finish switch { "length" => Lengths, "tool_calls" => CallStops, _ => Stops };
        return _isForeign ? names[random.Next(names.Length)] : names[0];
    }

    /// <summary>A chunk or completion around its choices, with the members this server tells.</summary>
    public JsonObject Frame(string kind, params JsonNode[] choices)
    {
        var frame = new JsonObject { ["id"] = "chatcmpl-1", ["object"] = kind, ["created"] = 1_750_000_000, ["model"] = "m", ["choices"] = new JsonArray(choices) };
        if (random.Next(30) == 0)
        {
            frame["\u00a7half"] = 1;
        }

        foreach (var name in Envelope)
        {
            if (_leavesAll || _left == name)
            {
                frame.Remove(name);
                foreach (var choice in choices)
                {
                    choice.AsObject().Remove(name);
                }
            }
        }

        return frame;
    }

    /// <summary>Text as this server writes it: a string or a list of parts.</summary>
    public JsonNode Content(string text) => HasParts ? new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }) : text;

    /// <summary>Usage with or without the extras of a router.</summary>
    public JsonObject Usage()
    {
        var usage = new JsonObject { ["prompt_tokens"] = 7, ["completion_tokens"] = 5, ["total_tokens"] = 12 };
        if (random.Next(3) == 0)
        {
            usage["cost"] = 0.0012;
            usage["cost_details"] = new JsonObject { ["upstream_inference_cost"] = null };
        }

        return usage;
    }

    /// <summary>JSON text; a member name that is no valid Unicode stands where one was drawn.</summary>
    public static string Text(JsonNode node) => node.ToJsonString().Replace("\\u00A7half", "\\ud800half", StringComparison.Ordinal);
}

/// <summary>How the role is told in a stream or a message.</summary>
internal enum RoleStyle { First, Every, Missing, Empty, Null }

/// <summary>Where hidden thought stands.</summary>
internal enum ThoughtStyle { ReasoningContent, Reasoning, Parts, Tags }
