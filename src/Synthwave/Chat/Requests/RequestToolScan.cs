using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>Judges the shape of the tool members in passing and notes where they lie. What they mean is for <see cref="ToolNormalization"/>.</summary>
internal static class RequestToolScan
{
    /// <summary>Reads <c>tools</c>: an array of objects, each with an optional string <c>type</c> and object <c>function</c>.</summary>
    public static ToolMember ReadTools(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (!TryEnterList(ref reader, RequestField.Tools, "tools", facts, out var missing))
        {
            return missing;
        }

        var start = reader.TokenStartIndex;
        var index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadTool(ref reader, index, facts);
            }
            else
            {
                ReportEntry(ref reader, RequestField.Tools, "tools", index, facts);
            }
        }

        return Given(ref reader, start, index);
    }

    /// <summary>Reads the legacy <c>functions</c>: an array of objects.</summary>
    public static ToolMember ReadFunctions(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (!TryEnterList(ref reader, RequestField.Functions, "functions", facts, out var missing))
        {
            return missing;
        }

        var start = reader.TokenStartIndex;
        var index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                reader.Skip();
            }
            else
            {
                ReportEntry(ref reader, RequestField.Functions, "functions", index, facts);
            }
        }

        facts.Tools.FunctionCount = index;
        return Given(ref reader, start, index);
    }

    /// <summary>Reads <c>tool_choice</c>, or <c>function_call</c> when <paramref name="isLegacy"/>: a string, an object or null.</summary>
    public static ToolMember ReadChoice(ref Utf8JsonReader reader, RequestFacts facts, bool isLegacy, out ToolSelector selector)
    {
        selector = default;
        var start = reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return Member(ref reader, start, ToolMemberState.Null);
            case JsonTokenType.String:
                selector = ReadMode(ref reader, isLegacy);
                return Member(ref reader, start, ToolMemberState.Given);
            case JsonTokenType.StartObject:
                selector = isLegacy ? ReadNamed(ref reader) : ReadTyped(ref reader);
                return Member(ref reader, start, ToolMemberState.Given);
            default:
                var name = isLegacy ? "function_call" : "tool_choice";
                var field = isLegacy ? RequestField.FunctionCall : RequestField.ToolChoice;
                facts.Problem.Report(field, name, $"{name} must be a string, an object or null.");
                reader.Skip();
                return default;
        }
    }

    /// <summary>Reads a member of which only presence matters.</summary>
    public static ToolMember ReadPresence(ref Utf8JsonReader reader)
    {
        var start = reader.TokenStartIndex;
        var state = reader.TokenType == JsonTokenType.Null ? ToolMemberState.Null : ToolMemberState.Given;
        reader.Skip();
        return Member(ref reader, start, state);
    }

    private static bool TryEnterList(
        ref Utf8JsonReader reader, RequestField field, string name, RequestFacts facts, out ToolMember missing)
    {
        missing = default;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                return true;
            case JsonTokenType.Null:
                missing = Member(ref reader, reader.TokenStartIndex, ToolMemberState.Null);
                return false;
            default:
                facts.Problem.Report(field, name, $"{name} must be an array of objects or null.");
                reader.Skip();
                return false;
        }
    }

    private static void ReportEntry(ref Utf8JsonReader reader, RequestField field, string name, int index, RequestFacts facts)
    {
        if (facts.Problem.Admits(field))
        {
            facts.Problem.Report(field, $"{name}[{index}]", $"{name}[{index}] must be an object.");
        }

        reader.Skip();
    }

    private static void ReadTool(ref Utf8JsonReader reader, int index, RequestFacts facts)
    {
        var typeIsGiven = false;
        var typeIsFunction = false;
        var typeIsValid = true;
        var functionIsObject = false;
        var functionIsValid = true;
        var isOwnKind = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "type"u8);
            var isFunction = !isType && JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "function"u8);
            reader.Read();
            if (isType)
            {
                typeIsGiven = true;
                typeIsValid &= reader.TokenType == JsonTokenType.String;
                typeIsFunction = IsFunctionType(ref reader);
            }
            else if (isFunction)
            {
                functionIsObject = reader.TokenType == JsonTokenType.StartObject;
                functionIsValid &= functionIsObject || reader.TokenType == JsonTokenType.Null;
            }
            else
            {
                // As {"google_search": {}}: a tool named by its only member.
                isOwnKind |= reader.TokenType == JsonTokenType.StartObject;
            }

            reader.Skip();
        }

        if (!(typeIsValid && functionIsValid) && facts.Problem.Admits(RequestField.Tools))
        {
            var (param, rule) = typeIsValid
                ? ($"tools[{index}].function", "must be an object")
                : ($"tools[{index}].type", "must be a string");
            facts.Problem.Report(RequestField.Tools, param, $"{param} {rule}.");
        }

        var problem = !typeIsGiven && !functionIsObject && isOwnKind ? ToolProblem.Foreign : Classify(typeIsGiven, typeIsFunction, functionIsObject);
        facts.Tools.MalformedTool ??= problem is ToolProblem.Malformed ? index : null;
        facts.Tools.ForeignTool ??= problem is ToolProblem.Foreign ? index : null;
    }

    private static ToolProblem Classify(bool typeIsGiven, bool typeIsFunction, bool isComplete) => (typeIsGiven, typeIsFunction) switch
    {
        (false, _) => ToolProblem.Malformed,
        (true, false) => ToolProblem.Foreign,
        _ => isComplete ? ToolProblem.None : ToolProblem.Malformed,
    };

    private static ToolSelector ReadMode(ref Utf8JsonReader reader, bool isLegacy)
    {
        var raw = reader.ValueSpan;
        var isEscaped = reader.ValueIsEscaped;
        return raw switch
        {
            _ when JsonText.Matches(raw, isEscaped, "none"u8) => Mode(ToolChoice.None),
            _ when JsonText.Matches(raw, isEscaped, "auto"u8) => Mode(ToolChoice.Auto),
            _ when !isLegacy && JsonText.Matches(raw, isEscaped, "required"u8) => Mode(ToolChoice.Required),
            _ => new ToolSelector(ToolChoice.Absent, default, false, isLegacy || raw.IsEmpty ? ToolProblem.Malformed : ToolProblem.Foreign) { IsText = true },
        };
    }

    private static ToolSelector Mode(ToolChoice choice) => new(choice, default, false, ToolProblem.None);

    /// <summary>Reads <c>{"type":"function","function":{"name":"…"}}</c>.</summary>
    private static ToolSelector ReadTyped(ref Utf8JsonReader reader)
    {
        var typeIsGiven = false;
        var typeIsFunction = false;
        ToolSelector named = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "type"u8);
            var isFunction = !isType && JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "function"u8);
            reader.Read();
            if (isType)
            {
                typeIsGiven = true;
                typeIsFunction = IsFunctionType(ref reader);
            }
            else if (isFunction)
            {
                named = reader.TokenType == JsonTokenType.StartObject ? ReadNamed(ref reader) : default;
            }

            reader.Skip();
        }

        var problem = Classify(typeIsGiven, typeIsFunction, named.Mode == ToolChoice.Specific);
        return problem == ToolProblem.None ? named : new ToolSelector(ToolChoice.Absent, default, false, problem);
    }

    /// <summary>Reads an object whose <c>name</c> is the function's.</summary>
    private static ToolSelector ReadNamed(ref Utf8JsonReader reader)
    {
        var selector = new ToolSelector(ToolChoice.Absent, default, false, ToolProblem.Malformed);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "name"u8);
            reader.Read();
            if (isName)
            {
                selector = reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty
                    ? new ToolSelector(
                        ToolChoice.Specific,
                        new ByteRange((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length),
                        reader.ValueIsEscaped,
                        ToolProblem.None)
                    : new ToolSelector(ToolChoice.Absent, default, false, ToolProblem.Malformed);
            }

            reader.Skip();
        }

        return selector;
    }

    private static bool IsFunctionType(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "function"u8);

    private static ToolMember Given(ref Utf8JsonReader reader, long start, int count) =>
        Member(ref reader, start, count == 0 ? ToolMemberState.Empty : ToolMemberState.Given);

    private static ToolMember Member(ref Utf8JsonReader reader, long start, ToolMemberState state) =>
        new(state, new ByteRange((int)start, (int)(reader.BytesConsumed - start)));
}
