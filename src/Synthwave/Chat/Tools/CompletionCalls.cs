using System.Buffers;
using System.Collections.Immutable;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>A completion whose calls keep the contract as far as one answer alone can: what an ensemble does about the rest is its own business.</summary>
/// <param name="Completion">The very one that came in when nothing had to change.</param>
/// <param name="Calls">The calls left in its first choice.</param>
/// <param name="Breach">What is wrong with the answer as the model gave it; undeclared calls are gone from it nevertheless.</param>
/// <param name="Label">What was done to it, as reports call it; null = nothing of note.</param>
internal sealed record CompletionCalls(Completion Completion, ImmutableArray<ToolCall> Calls, ContractBreach Breach, string? Label)
{
    public const string ParallelTrimmed = "parallel_violation_trimmed";
    public const string NoneStripped = "tool_choice_none_stripped";

    /// <summary>The message says both <c>tool_calls</c> and <c>function_call</c>.</summary>
    public bool IsDualShape { get; init; }

    /// <summary>
    /// Names cleaned and resolved, ids and arguments filled in, calls that are none or undeclared or one too many taken out, one dialect, and the finish
    /// reason that fits. What needs no change keeps its bytes.
    /// </summary>
    public static CompletionCalls Settle(Completion completion, ToolContract contract)
    {
        CompletionCalls? first = null;
        var edits = new JsonEdits();
        foreach (var message in completion.Messages)
        {
            var settled = Settle(completion, message, contract, edits);
            first ??= settled;
        }

        first ??= new(completion, [], ContractBreach.None, null);
        if (edits.IsEmpty)
        {
            return first;
        }

        var output = new ArrayBufferWriter<byte>(completion.Json.Length + 64);
        edits.Apply(completion.Json.Span, output);
        return first with
        {
            Completion = CompletionReader.Read(output.WrittenMemory) ?? throw new InvalidOperationException("An edited completion must stay valid JSON."),
        };
    }

    private static CompletionCalls Settle(Completion completion, CompletionMessage message, ToolContract contract, JsonEdits edits)
    {
        var read = MessageCalls.Read(completion, message, contract);
        var declared = read.Calls.RemoveAll(c => !contract.Declared.Contains(c.Name));
        var kept = contract.Trim(declared);
        var breach = contract.Judge(contract.Choice is ToolChoice.None ? read.Calls : contract.Trim(read.Calls));
        if (contract.Choice is ToolChoice.None && contract.Declared.Count > 0)
        {
            // Asked not to call: a call is taken out, and the text is the answer.
            breach = ContractBreach.None;
        }

        if (read.NeedsRewriting || kept.Length != read.Calls.Length || (contract.IsLegacy && !kept.IsEmpty))
        {
            Rewrite(completion.Json.Span, message, kept, contract, edits);
        }

        if (message.FinishReason.IsPresent)
        {
            var given = JsonText.Unescape(message.FinishReason.In(completion.Json.Span));
            if (contract.FinishReason(given, !kept.IsEmpty) is { } fitting && fitting != given)
            {
                edits.Replace(message.FinishReason.Start, message.FinishReason.Length, JsonText.Quote(fitting).AsMemory()[1..^1]);
            }
        }

        var label = contract.Choice is ToolChoice.None && !read.Calls.IsEmpty ? NoneStripped : kept.Length < declared.Length ? ParallelTrimmed : null;
        return new(completion, kept, breach, label) { IsDualShape = read.IsDualShape };
    }

    private static void Rewrite(ReadOnlySpan<byte> json, CompletionMessage message, ImmutableArray<ToolCall> calls, ToolContract contract, JsonEdits edits)
    {
        List<string> cut = ["tool_calls", "function_call"];
        List<ReadOnlyMemory<byte>> added = [];
        if (!calls.IsEmpty)
        {
            added.Add(contract.IsLegacy
                ? (byte[])[.. "\"function_call\":"u8, .. CallWriter.FunctionCall(calls[0]).Span]
                : (byte[])[.. "\"tool_calls\":"u8, .. CallWriter.ToolCalls(calls).Span]);
        }
        else if (message.Texts.Length == 0 && !message.HasOtherContent)
        {
            // No call and no text: clients expect a string.
            cut.Add("content");
            added.Add("\"content\":\"\""u8.ToArray());
        }

        var kept = edits.CutMembers(json, message.Whole, [.. cut]);
        foreach (var member in added)
        {
            edits.Insert(message.Whole.End - 1, (byte[])[.. kept > 0 ? ","u8 : default, .. member.Span]);
        }
    }
}
