using System.Collections.Immutable;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>The calls of one finished message, read once and brought into one form.</summary>
internal sealed record MessageCalls
{
    public static MessageCalls None { get; } = new();

    /// <summary>In order, a call in the older form last. A call without a name, or one whose name is nothing but marks, is none.</summary>
    public ImmutableArray<ToolCall> Calls { get; init; } = [];

    /// <summary>Both forms at once.</summary>
    public bool IsDualShape { get; init; }

    /// <summary>The message does not say it in the form of <see cref="Calls"/>.</summary>
    public bool NeedsRewriting { get; init; }

    public static MessageCalls Read(Completion completion, CompletionMessage message, ToolContract contract)
    {
        if (message.ToolCallCount == 0 && message.FunctionCall.IsAbsent)
        {
            return message.HasOddCalls ? None with { NeedsRewriting = true } : None;
        }

        var calls = ImmutableArray.CreateBuilder<ToolCall>(message.ToolCallCount + 1);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var needsRewriting = message.FunctionCall.IsPresent || message.HasOddCalls;
        if (message.ToolCallCount > 0)
        {
            foreach (var element in Parse(message.ToolCalls.In(completion.Json)).EnumerateArray())
            {
                var call = ReadCall(element, contract, ids, out var isClean);
                needsRewriting |= !isClean;
                if (call is not null)
                {
                    calls.Add(call);
                }
            }
        }

        if (message.FunctionCall.IsPresent && ReadFunction(Parse(message.FunctionCall.In(completion.Json)), contract, out _) is var (name, arguments))
        {
            calls.Add(new ToolCall(NewId(), name, arguments, default));
        }

        return new()
        {
            Calls = calls.ToImmutable(),
            IsDualShape = message.ToolCallCount > 0 && message.FunctionCall.IsPresent,
            NeedsRewriting = needsRewriting,
        };
    }

    /// <summary>An id for a call whose model gave none.</summary>
    public static string NewId() => RandomHex.New(24, "call_");

    private static ToolCall? ReadCall(JsonElement element, ToolContract contract, HashSet<string> ids, out bool isClean)
    {
        isClean = false;
        if (element.ValueKind is not JsonValueKind.Object || element.Find("function") is not { ValueKind: JsonValueKind.Object } function)
        {
            return null;
        }

        if (ReadFunction(function, contract, out isClean) is not var (name, arguments))
        {
            isClean = false;
            return null;
        }

        var id = element.FindText("id");
        if (string.IsNullOrEmpty(id) || !ids.Add(id))
        {
            id = NewId();
            isClean = false;
        }

        isClean &= element.FindText("type") is "function";
        return new ToolCall(id, name, arguments, element);
    }

    private static (string Name, string Arguments)? ReadFunction(JsonElement function, ToolContract contract, out bool isClean)
    {
        isClean = false;
        if (function.FindText("name") is not { } written)
        {
            return null;
        }

        var name = contract.Declared.Resolve(written) ?? CallName.Clean(written);
        if (name.Length == 0)
        {
            return null;
        }

        var value = function.Find("arguments");
        var arguments = value switch
        {
            null => "{}",
            { ValueKind: JsonValueKind.String } text => text.Text(),
            var other => other.Value.GetRawText(),
        };
        isClean = name == written && value is { ValueKind: JsonValueKind.String } && !string.IsNullOrWhiteSpace(arguments);
        return (name, string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments);
    }

    // Owns its memory, so that a call may outlive the reply it came in.
    private static JsonElement Parse(ReadOnlyMemory<byte> json) => JsonReading.Element(json.Span);
}
