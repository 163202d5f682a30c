using System.Text.Json;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// Judges and measures <c>messages</c> in passing. Keeps nothing per message: a history of any length costs no memory. Of a name that stands
/// twice in a message every value must be valid, and the last one is measured.
/// </summary>
internal static class RequestMessageScan
{
    private enum Member
    {
        Role,
        Content,
        Name,
        ToolCallId,
        ToolCalls,
        FunctionCall,
        Other,
    }

    /// <summary>The reader stands on the value of <c>messages</c> and is left on its last token.</summary>
    public static void Read(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            facts.Problem.Report(RequestField.Messages, "messages", "messages must be an array of message objects.");
            reader.Skip();
            return;
        }

        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                facts.PromptTokens += ReadMessage(ref reader, count, facts);
            }
            else
            {
                if (facts.Problem.Admits(RequestField.Messages))
                {
                    facts.Problem.Report(RequestField.Messages, $"messages[{count}]", $"messages[{count}] must be an object with a role.");
                }

                reader.Skip();
            }

            count++;
        }

        if (count == 0)
        {
            facts.Problem.Report(RequestField.Messages, "messages", "messages must hold at least one message.");
        }
    }

    /// <summary>Reads one message object and gives its estimate. The reader stands on its opening brace and is left on its closing one.</summary>
    public static long ReadMessage(ref Utf8JsonReader reader, int index, RequestFacts facts)
    {
        var roleBytes = 0;
        var hasRole = false;
        var isUser = false;
        var endsRun = false;
        facts.MessageIndex = index;
        facts.MessageModalities = Modalities.Text;
        facts.MessageMediaTokens = 0;
        long contentBytes = 0;
        long callTokens = 0;
        var badCall = -1;
        var failed = Member.Other;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberOf(ref reader);
            reader.Read();
            bool isValid;
            switch (member)
            {
                case Member.Role:
                    hasRole = true;
                    isUser = reader.TokenType is JsonTokenType.String && reader.TextIs("user"u8);
                    endsRun = reader.TokenType is JsonTokenType.String && !isUser && !reader.TextIs("system"u8) && !reader.TextIs("developer"u8);
                    isValid = TryReadRole(ref reader, facts, out roleBytes);
                    break;
                case Member.Content:
                    isValid = RequestContentScan.TryRead(ref reader, facts, out contentBytes);
                    break;
                case Member.Name or Member.ToolCallId:
                    isValid = reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
                    reader.Skip();
                    break;
                case Member.ToolCalls:
                    isValid = TryReadToolCalls(ref reader, facts, out callTokens, out badCall);
                    break;
                default:
                    facts.HasToolHistory |= member == Member.FunctionCall && reader.TokenType == JsonTokenType.StartObject;
                    isValid = true;
                    reader.Skip();
                    break;
            }

            if (!isValid && member < failed)
            {
                failed = member;
            }
        }

        if (!hasRole)
        {
            failed = Member.Role;
        }

        facts.NewestModalities = isUser && !facts.IsInUserRun ? facts.MessageModalities : facts.NewestModalities | facts.MessageModalities;
        facts.IsInUserRun = isUser || (facts.IsInUserRun && !endsRun);

        if (failed != Member.Other && facts.Problem.Admits(RequestField.Messages))
        {
            Report(failed, index, badCall, facts);
        }

        return TokenEstimator.MessageOverhead + TokenEstimator.Text(contentBytes) + TokenEstimator.Text(roleBytes) + callTokens + facts.MessageMediaTokens;
    }

    private static void Report(Member failed, int index, int badCall, RequestFacts facts)
    {
        var path = $"messages[{index}].";
        var (param, rule) = failed switch
        {
            Member.Role => (path + "role", "is required and must be one of system, user, assistant, tool, developer, function"),
            Member.Content => (path + "content", "must be a string, an array of content part objects, or null"),
            Member.Name => (path + "name", "must be a string or null"),
            Member.ToolCallId => (path + "tool_call_id", "must be a string or null"),
            _ when badCall >= 0 => ($"{path}tool_calls[{badCall}]", "must be an object"),
            _ => (path + "tool_calls", "must be an array of objects or null"),
        };
        facts.Problem.Report(RequestField.Messages, param, $"{param} {rule}.");
    }

    private static bool TryReadRole(ref Utf8JsonReader reader, RequestFacts facts, out int bytes)
    {
        bytes = 0;
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return false;
        }

        var raw = reader.ValueSpan;
        var isEscaped = reader.ValueIsEscaped;
        if (JsonText.Matches(raw, isEscaped, "tool"u8) || JsonText.Matches(raw, isEscaped, "function"u8))
        {
            facts.HasToolHistory = true;
        }
        else if (!JsonText.Matches(raw, isEscaped, "user"u8) && !JsonText.Matches(raw, isEscaped, "assistant"u8)
            && !JsonText.Matches(raw, isEscaped, "system"u8) && !JsonText.Matches(raw, isEscaped, "developer"u8))
        {
            return false;
        }

        bytes = isEscaped ? JsonMeasure.Utf8Length(raw) : raw.Length;
        return true;
    }

    private static bool TryReadToolCalls(ref Utf8JsonReader reader, RequestFacts facts, out long tokens, out int badCall)
    {
        tokens = 0;
        badCall = -1;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            var isNull = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            return isNull;
        }

        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            facts.HasToolHistory = true;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                tokens += ReadToolCall(ref reader);
                continue;
            }

            badCall = badCall < 0 ? index : badCall;
            reader.Skip();
        }

        return badCall < 0;
    }

    private static long ReadToolCall(ref Utf8JsonReader reader)
    {
        long nameBytes = 0;
        long argumentBytes = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFunction = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "function"u8);
            reader.Read();
            if (!isFunction || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            nameBytes = argumentBytes = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isName = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "name"u8);
                var isArguments = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "arguments"u8);
                reader.Read();
                if (isName)
                {
                    nameBytes = reader.TokenType == JsonTokenType.String ? StringBytes(ref reader) : 0;
                    reader.Skip();
                }
                else if (isArguments)
                {
                    argumentBytes = ReadArguments(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return TokenEstimator.Text(nameBytes) + TokenEstimator.Text(argumentBytes) + TokenEstimator.ToolCallOverhead;
    }

    /// <summary>Bytes of a call's arguments; those that are no string count as compact JSON.</summary>
    private static long ReadArguments(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return StringBytes(ref reader);
            case JsonTokenType.Null:
                return 0;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                return CompactBytes(ref reader);
            default:
                return reader.ValueSpan.Length;
        }
    }

    /// <summary>Bytes of a container without whitespace between its tokens.</summary>
    public static long CompactBytes(ref Utf8JsonReader reader)
    {
        long bytes = 1;
        var depth = reader.CurrentDepth;
        var needsComma = false;
        do
        {
            reader.Read();
            var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
            bytes += needsComma && !isEnd ? 1 : 0;
            bytes += reader.TokenType switch
            {
                JsonTokenType.PropertyName => reader.ValueSpan.Length + 3,
                JsonTokenType.String => reader.ValueSpan.Length + 2,
                JsonTokenType.StartObject or JsonTokenType.StartArray => 1,
                _ when isEnd => 1,
                _ => reader.ValueSpan.Length,
            };
            needsComma = reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.StartObject or JsonTokenType.StartArray);
        }
        while (reader.CurrentDepth > depth);

        return bytes;
    }

    private static int StringBytes(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? JsonMeasure.Utf8Length(reader.ValueSpan) : reader.ValueSpan.Length;

    private static Member MemberOf(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        var isEscaped = reader.ValueIsEscaped;
        return raw switch
        {
            _ when JsonText.Matches(raw, isEscaped, "role"u8) => Member.Role,
            _ when JsonText.Matches(raw, isEscaped, "content"u8) => Member.Content,
            _ when JsonText.Matches(raw, isEscaped, "name"u8) => Member.Name,
            _ when JsonText.Matches(raw, isEscaped, "tool_call_id"u8) => Member.ToolCallId,
            _ when JsonText.Matches(raw, isEscaped, "tool_calls"u8) => Member.ToolCalls,
            _ when JsonText.Matches(raw, isEscaped, "function_call"u8) => Member.FunctionCall,
            _ => Member.Other,
        };
    }
}
