using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// Brings the tool members of a request into one form: empty and null members go, and where no tools are left what was said about calls goes with them;
/// legacy <c>functions</c> and <c>function_call</c> become <c>tools</c> and <c>tool_choice</c>, by edits on bytes. Entries are wrapped, never rewritten, and
/// what only an upstream may know keeps its place.
/// </summary>
internal static class ToolNormalization
{
    private const string Invalid = "invalid_request_error";
    private const string Unsupported = "feature_not_supported_in_v1";
    private const string KnownChoices = "\"none\", \"auto\", \"required\" or {\"type\": \"function\", \"function\": {\"name\": …}}";

    /// <summary>What a list of tools says about a name, weakest first.</summary>
    private enum Declaration { NoneAtAll, Missing, Found }

    private static ReadOnlySpan<byte> WrapStart => "{\"type\":\"function\",\"function\":"u8;

    public static Result Apply(ChatBody body, ReadOnlyMemory<byte> document, RequestToolFacts facts)
    {
        if (Judge(document.Span, facts, out var forcedTool) is { } error)
        {
            return new Result { Body = body, Error = error };
        }

        var hasTools = facts.HasTools;
        return new Result
        {
            Body = Edit(body, document, facts),
            Foreign = FindForeign(facts),
            HasForeignTools = facts.ForeignTool is not null,
            Ignored = IsAboutCalls(facts) ? [] : NamesOf(facts),
            HasTools = hasTools,
            Choice = facts.FunctionCall.IsGiven ? facts.LegacyChoice.Mode : facts.Choice.Mode,
            ForcedTool = forcedTool,
            Tokens = hasTools ? EstimateTokens(document.Span, facts) : 0,
        };
    }

    private static GatewayError? Judge(ReadOnlySpan<byte> document, RequestToolFacts facts, out string? forcedTool)
    {
        forcedTool = null;
        if (facts.Functions.IsGiven && facts.Tools.IsGiven)
        {
            return GatewayError.BadRequest(Invalid, "tools and the older functions are both given. Send tools only.", "functions");
        }

        if (facts.FunctionCall.IsGiven && facts.ToolChoice.IsGiven)
        {
            return GatewayError.BadRequest(Invalid, "tool_choice and the older function_call are both given. Send tool_choice only.", "function_call");
        }

        if (facts.FunctionCall.IsGiven && facts.LegacyChoice.Problem != ToolProblem.None)
        {
            return GatewayError.BadRequest(
                Invalid, "function_call must be \"none\", \"auto\" or an object with the name of a function.", "function_call");
        }

        if (facts.Tools.IsGiven && facts.MalformedTool is { } index)
        {
            return GatewayError.BadRequest(Invalid, $"tools[{index}] must have \"type\": \"function\" and an object as function.", $"tools[{index}]");
        }

        if (facts.ToolChoice.IsGiven && facts.Choice.Problem is ToolProblem.Malformed)
        {
            return GatewayError.BadRequest(Invalid, $"tool_choice must be {KnownChoices}.", "tool_choice");
        }

        var isLegacy = facts.FunctionCall.IsGiven;
        var selector = isLegacy ? facts.LegacyChoice : facts.Choice;
        return selector.Mode switch
        {
            ToolChoice.Specific => JudgeForced(document, facts, selector, isLegacy ? "function_call" : "tool_choice", out forcedTool),
            ToolChoice.Required when !facts.HasTools => GatewayError.BadRequest(Invalid, "tool_choice demands a call, but no `tools` are declared.", "tool_choice"),
            _ => null,
        };
    }

    // In the words of whoever would have to understand it.
    private static GatewayError? FindForeign(RequestToolFacts facts) =>
        IsForeignList(facts) ? GatewayError.BadRequest(Unsupported, "allowed_tools is not supported here. List the allowed tools in tools.", "allowed_tools")
        : facts.ForeignTool is { } index
            ? GatewayError.BadRequest(Unsupported, $"tools[{index}] has a type that is not supported here. Only \"function\" is.", $"tools[{index}]")
        : facts.Choice.Problem is ToolProblem.Foreign
            ? GatewayError.BadRequest(facts.Choice.IsText ? Invalid : Unsupported, $"tool_choice is not supported here unless it is {KnownChoices}.", "tool_choice")
        : null;

    private static bool IsAboutCalls(RequestToolFacts facts) => facts.HasTools || facts.Choice.Problem is ToolProblem.Foreign || IsForeignList(facts);

    // What says how tools are called goes where there are none.
    private static ImmutableArray<string> NamesOf(RequestToolFacts facts)
    {
        if (!facts.ToolChoice.IsGiven && !facts.FunctionCall.IsGiven)
        {
            return [];
        }

        return [facts.ToolChoice.IsGiven ? "tool_choice" : "function_call"];
    }

    private static bool IsForeignList(RequestToolFacts facts) => facts.AllowedTools.State is not (ToolMemberState.Missing or ToolMemberState.Null);

    private static GatewayError? JudgeForced(
        ReadOnlySpan<byte> document, RequestToolFacts facts, in ToolSelector selector, string param, out string? forcedTool)
    {
        var raw = selector.Name.In(document);
        forcedTool = raw.Length <= JsonLimits.MaxNameBytes ? JsonText.Decode(raw, selector.NameIsEscaped) : null;
        if (forcedTool is null)
        {
            return GatewayError.BadRequest(
                Invalid, $"{param} names a function with an unusable name (too long, or not valid Unicode).", param);
        }

        var list = facts.Tools.IsGiven ? facts.Tools : facts.Functions;
        var verdict = list.IsGiven
            ? FindDeclared(list.Value.In(document), Encoding.UTF8.GetBytes(forcedTool), isWrapped: facts.Tools.IsGiven)
            : Declaration.NoneAtAll;
        return verdict switch
        {
            Declaration.Found => null,

            // What a foreign entry declares is not known here.
            _ when facts.ForeignTool is not null => null,
            Declaration.NoneAtAll => GatewayError.BadRequest(
                Invalid, $"{param} forces {JsonText.Excerpt(raw)}, but no `tools` are declared.", param),
            _ => GatewayError.BadRequest(Invalid, $"{param} forces {JsonText.Excerpt(raw)}, which is not in declared `tools`.", param),
        };
    }

    private static Declaration FindDeclared(ReadOnlySpan<byte> list, byte[] name, bool isWrapped)
    {
        var verdict = Declaration.NoneAtAll;
        var reader = JsonReading.ReaderAt(list);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var found = isWrapped ? ReadWrapped(ref reader, name) : ReadDeclared(ref reader, name);
            verdict = found > verdict ? found : verdict;
        }

        return verdict;
    }

    private static Declaration ReadWrapped(ref Utf8JsonReader reader, byte[] name)
    {
        var verdict = Declaration.NoneAtAll;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFunction = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "function"u8);
            reader.Read();
            if (isFunction && reader.TokenType == JsonTokenType.StartObject)
            {
                verdict = ReadDeclared(ref reader, name);
            }
            else
            {
                reader.Skip();
            }
        }

        return verdict;
    }

    private static Declaration ReadDeclared(ref Utf8JsonReader reader, byte[] name)
    {
        var verdict = Declaration.NoneAtAll;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "name"u8);
            reader.Read();
            if (isName)
            {
                verdict = Compare(ref reader, name);
            }

            reader.Skip();
        }

        return verdict;
    }

    private static Declaration Compare(ref Utf8JsonReader reader, byte[] name)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty)
        {
            return Declaration.NoneAtAll;
        }

        return JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, name) ? Declaration.Found : Declaration.Missing;
    }

    private static ChatBody Edit(ChatBody body, ReadOnlyMemory<byte> document, RequestToolFacts facts)
    {
        // A choice that is not known here may be about tools that are not known here either.
        var isAboutCalls = IsAboutCalls(facts);
        body = isAboutCalls && facts.Tools.State is ToolMemberState.Empty && !facts.Functions.IsGiven ? body : DropUnlessGiven(body, "tools", facts.Tools);
        body = isAboutCalls ? DropUnlessGiven(body, "tool_choice", facts.ToolChoice) : body.Without("tool_choice");
        body = IsForeignList(facts) ? body : body.Without("allowed_tools");
        body = isAboutCalls && !facts.ParallelIsNull ? body : body.Without("parallel_tool_calls");
        body = facts.Functions.State == ToolMemberState.Missing ? body : body.Without("functions");
        body = facts.FunctionCall.State == ToolMemberState.Missing ? body : body.Without("function_call");
        if (facts.Functions.IsGiven)
        {
            body = body.With("tools", Wrap(facts.Functions.Value.In(document.Span), facts.FunctionCount));
        }

        if (facts.FunctionCall.IsGiven && isAboutCalls)
        {
            body = body.With("tool_choice", PromoteChoice(document.Span, facts.LegacyChoice));
        }

        return body;
    }

    private static ChatBody DropUnlessGiven(ChatBody body, string name, ToolMember member) =>
        member.State is ToolMemberState.Missing or ToolMemberState.Given ? body : body.Without(name);

    /// <summary>Turns the elements of <c>functions</c> into those of <c>tools</c>, each element's bytes as they are.</summary>
    private static ReadOnlyMemory<byte> Wrap(ReadOnlySpan<byte> functions, int count)
    {
        var tools = new ArrayBufferWriter<byte>(functions.Length + (count * (WrapStart.Length + 1)));
        var reader = JsonReading.ReaderAt(functions);
        var separator = (byte)'[';
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            tools.Write([separator]);
            tools.Write(WrapStart);
            tools.Write(functions[start..(int)reader.BytesConsumed]);
            tools.Write("}"u8);
            separator = (byte)',';
        }

        tools.Write("]"u8);
        return tools.WrittenMemory;
    }

    private static byte[] PromoteChoice(ReadOnlySpan<byte> document, in ToolSelector selector) => selector.Mode switch
    {
        ToolChoice.None => "\"none\""u8.ToArray(),
        ToolChoice.Auto => "\"auto\""u8.ToArray(),
        _ => [.. WrapStart, .. "{\"name\":\""u8, .. selector.Name.In(document), .. "\"}}"u8],
    };

    private static int EstimateTokens(ReadOnlySpan<byte> document, RequestToolFacts facts)
    {
        if (facts.Tools.IsGiven)
        {
            return TokenEstimator.Tools(JsonMeasure.SpacedLength(facts.Tools.Value.In(document)));
        }

        var wrapping = JsonMeasure.SpacedLength(WrapStart) + 1;
        return TokenEstimator.Tools(JsonMeasure.SpacedLength(facts.Functions.Value.In(document)) + (facts.FunctionCount * wrapping));
    }

    /// <summary>The body in one form and what its tool members mean, or why they mean nothing.</summary>
    internal sealed record Result
    {
        public required ChatBody Body { get; init; }

        public GatewayError? Error { get; init; }

        /// <summary>The first thing said that only an upstream may know, as a refusal; null = nothing is.</summary>
        public GatewayError? Foreign { get; init; }

        public bool HasForeignTools { get; init; }

        /// <summary>Members that have no effect, in the client's words.</summary>
        public ImmutableArray<string> Ignored { get; init; } = [];

        public bool HasTools { get; init; }

        public ToolChoice Choice { get; init; }

        public string? ForcedTool { get; init; }

        /// <summary>Estimate for the schema, 0 without tools.</summary>
        public int Tokens { get; init; }
    }
}
