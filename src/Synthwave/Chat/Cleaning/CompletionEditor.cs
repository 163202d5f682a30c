using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Reasoning;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Chat.Cleaning;

/// <summary>A completion as the client will see it, and what was found on the way.</summary>
internal sealed record CleanCompletion
{
    /// <summary>The document for the client: the very memory that came in when nothing had to change.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary><see cref="Body"/>, read.</summary>
    public required Completion Completion { get; init; }

    /// <summary>Reasoning was taken out of the text.</summary>
    public bool IsStripped { get; init; }

    /// <summary>A reasoning member became the answer.</summary>
    public bool IsRescued { get; init; }

    /// <summary>There is an answer; with exposed reasoning, a reasoning member counts where it could be rescued.</summary>
    public required bool IsUsable { get; init; }

    /// <summary>Characters (UTF-16) of the answer's text.</summary>
    public required long ContentChars { get; init; }

    /// <summary>Calls of the answer, in either form.</summary>
    public int ToolCallCount => Completion.Message is { } message ? Math.Max(message.ToolCallCount, message.FunctionCall.IsPresent ? 1 : 0) : 0;

    /// <summary>How the answer, as the model gave it, breaks the policy's contract.</summary>
    public ContractBreach Breach { get; init; }

    public required TokenUsage? Usage { get; init; }

    public required string? FinishReason { get; init; }

    /// <summary>The name the model gives itself, also under a brand.</summary>
    public required string? ResponseModel { get; init; }
}

/// <summary>Edits finished completions, and usage chunks where they are alike, byte for byte: only what has to change changes.</summary>
internal static class CompletionEditor
{
    /// <summary>
    /// Makes an upstream's completion the client's: for every choice reasoning out of the text, a rescue where the message has no other answer,
    /// hidden reasoning members away; the brand as <c>model</c>. Exposed reasoning found in the text is moved to <c>reasoning_content</c>.
    /// Null = the bytes are no JSON object.
    /// </summary>
    public static CleanCompletion? Clean(ReadOnlyMemory<byte> json, AnswerPolicy policy) =>
        CompletionReader.Read(json) is { } completion ? Clean(completion, policy) : null;

    /// <summary>The same for a completion that was read already.</summary>
    public static CleanCompletion Clean(Completion original, AnswerPolicy policy)
    {
        var json = original.Json;
        var model = original.ModelName;
        var breach = ContractBreach.None;
        if (policy.Contract is { } contract)
        {
            var settled = CompletionCalls.Settle(original, contract);
            original = settled.Completion;
            json = original.Json;
            breach = Weigh(settled.Breach, original, policy);
        }

        var edits = new ChunkEdits();
        bool isStripped = false, isRescued = false;
        foreach (var message in original.Messages)
        {
            CleanMessage(json.Span, message, policy, edits, ref isStripped, ref isRescued);
        }

        SetModel(original, policy.Brand, edits);
        var completion = original;
        if (!edits.IsEmpty)
        {
            var output = new ArrayBufferWriter<byte>(json.Length + 64);
            edits.Apply(json.Span, output);
            completion = CompletionReader.Read(output.WrittenMemory) ?? throw new InvalidOperationException("An edited completion must stay valid JSON.");
        }

        return new CleanCompletion
        {
            Body = completion.Json,
            Completion = completion,
            IsStripped = isStripped,
            IsRescued = isRescued,
            IsUsable = breach is ContractBreach.None && completion.IsUsable(policy.Rescue),
            Breach = breach,
            ContentChars = CountChars(completion),
            Usage = completion.Usage,
            FinishReason = completion.FinishReason,
            ResponseModel = model,
        };
    }

    // An answer nobody could replace fails only when it was nothing but a call that may not be shown.
    private static ContractBreach Weigh(ContractBreach breach, Completion settled, AnswerPolicy policy) =>
        policy.IsContractBinding || (breach is ContractBreach.UndeclaredTool && settled.Message?.HasAnswer(settled.Json.Span) is false)
            ? breach
            : ContractBreach.None;

    /// <summary>Sets the top-level <c>usage</c>. The same memory when it already says so.</summary>
    /// <param name="json">A valid JSON object: a completion or a chunk.</param>
    /// <param name="usage">What to say.</param>
    public static ReadOnlyMemory<byte> WithUsage(ReadOnlyMemory<byte> json, TokenUsage usage)
    {
        var current = FindMember(json.Span, "usage"u8, out _);
        return current.IsPresent && TokenUsage.Read(current.In(json.Span)) == usage ? json : WithMember(json, "usage"u8, usage.ToJson());
    }

    /// <summary>Sets the top-level <c>x_meta_model</c> to a JSON value.</summary>
    /// <param name="json">A valid JSON object: a completion or a chunk.</param>
    /// <param name="extension">A JSON value.</param>
    public static ReadOnlyMemory<byte> WithExtension(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> extension) =>
        WithMember(json, "x_meta_model"u8, extension);

    /// <summary>Sets the top-level <c>model</c>.</summary>
    /// <param name="json">A valid JSON object: a completion or a chunk.</param>
    /// <param name="model">The name as text.</param>
    public static ReadOnlyMemory<byte> WithModel(ReadOnlyMemory<byte> json, string model) => WithMember(json, "model"u8, ChunkText.Quote(model));

    private static ReadOnlyMemory<byte> WithMember(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        var current = FindMember(json.Span, name, out var end);
        var edits = new ChunkEdits();
        if (current.IsPresent)
        {
            edits.Replace(current.Start, current.Length, value);
        }
        else
        {
            var isFirst = json.Span[..end].TrimEnd(" \t\r\n"u8)[^1] == '{';
            edits.Insert(end, Encoding.UTF8.GetBytes($"{(isFirst ? "" : ",")}\"{Encoding.UTF8.GetString(name)}\":"));
            edits.Insert(end, value);
        }

        var output = new ArrayBufferWriter<byte>(json.Length + value.Length + 32);
        edits.Apply(json.Span, output);
        return output.WrittenMemory;
    }

    /// <summary>The value of a top-level member, the last one of that name; <paramref name="end"/> is where the closing brace lies.</summary>
    private static ByteRange FindMember(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out int end)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        ByteRange found = default;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isWanted = reader.TextIs(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            found = isWanted ? new(start, (int)reader.BytesConsumed - start) : found;
        }

        end = (int)reader.TokenStartIndex;
        return found;
    }

    private static void CleanMessage(
        ReadOnlySpan<byte> json, CompletionMessage message, AnswerPolicy policy, ChunkEdits edits, ref bool isStripped, ref bool isRescued)
    {
        var isTextless = !message.HasOtherContent;
        var moved = "";
        var visible = "";
        var changesText = false;

        // What is exposed need not be hunted for: only a leading block is moved, the rest stays where the model wrote it.
        var mode = policy is { ExposeReasoning: true, Strip: ReasoningStrip.Anywhere } ? ReasoningStrip.Leading : policy.Strip;
        foreach (var range in message.Texts)
        {
            var body = range.In(json);
            if (!MayHoldReasoning(body, mode))
            {
                isTextless = isTextless && ChunkText.IsBlank(body);
                continue;
            }

            var stripped = ReasoningText.Strip(ChunkText.Unescape(body), mode);
            isTextless = isTextless && string.IsNullOrWhiteSpace(stripped.Visible);
            if (stripped.IsChanged)
            {
                isStripped = changesText = true;
                visible = message.Texts.Length == 1 ? stripped.Visible : "";
                moved = moved.Length == 0 ? stripped.Reasoning! : $"{moved}\n{stripped.Reasoning}";
                edits.Replace(range.Start - 1, range.Length + 2, ChunkText.Quote(stripped.Visible));
            }
        }

        if (policy.ExposeReasoning)
        {
            Expose(json, message, moved, edits);
            return;
        }

        string? rescued = null;
        if (policy.Rescue && isTextless && !message.HasOtherAnswer(json))
        {
            rescued = ReasoningText.Rescue(ToText(json, message.ReasoningContent), ToText(json, message.Reasoning), policy.Strip);
        }

        var kept = 1;
        if (message.HasReasoningMember)
        {
            kept = edits.CutMembers(json, message.Whole, ReasoningMembers.Names);
        }

        if (rescued is not null)
        {
            isRescued = true;
            SetContent(message, rescued, hasOtherMembers: kept > 0, edits);
        }

        if ((changesText || message.HasReasoningMember) && LogProbabilities.MayBeIn(json) && (changesText || HidesReasoning(json, message)))
        {
            LogProbabilities.Fit(json, message.Choice, rescued ?? (changesText ? visible : OnlyText(json, message)), edits);
        }
    }

    // Many servers send the members with every message, mostly null.
    private static bool HidesReasoning(ReadOnlySpan<byte> json, CompletionMessage message)
    {
        if (message.HasReasoningText(json))
        {
            return true;
        }

        var reader = new Utf8JsonReader(message.Whole.In(json), new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
        using var document = JsonDocument.ParseValue(ref reader);
        foreach (var name in ReasoningMembers.Names)
        {
            if (JsonNames.Find(document.RootElement, name) is { } value && value.GetRawText() is not ("\"\"" or "[]"))
            {
                return true;
            }
        }

        return false;
    }

    // Several texts are several runs of tokens: nothing tells them apart.
    private static string OnlyText(ReadOnlySpan<byte> json, CompletionMessage message) =>
        message.Texts is [var text] ? ChunkText.Unescape(text.In(json)) : "";

    private static void SetContent(CompletionMessage message, string text, bool hasOtherMembers, ChunkEdits edits)
    {
        var value = ChunkText.Quote(text);
        if (message.Content.IsPresent)
        {
            edits.ReplaceWithin(message.Content, value);
            return;
        }

        var member = Encoding.UTF8.GetBytes("\"content\":");
        edits.Insert(message.Whole.Start + 1, member);
        edits.Insert(message.Whole.Start + 1, value);
        if (hasOtherMembers)
        {
            edits.Insert(message.Whole.Start + 1, ","u8.ToArray());
        }
    }

    private static void Expose(ReadOnlySpan<byte> json, CompletionMessage message, string moved, ChunkEdits edits)
    {
        if (moved.Length == 0)
        {
            return;
        }

        var own = ToText(json, message.ReasoningContent);
        var value = ChunkText.Quote(string.IsNullOrWhiteSpace(own) ? moved : $"{own}\n{moved}");
        if (message.ReasoningContentValue.IsPresent)
        {
            edits.Replace(message.ReasoningContentValue.Start, message.ReasoningContentValue.Length, value);
            return;
        }

        edits.Insert(message.Content.End, Encoding.UTF8.GetBytes(",\"reasoning_content\":"));
        edits.Insert(message.Content.End, value);
    }

    private static void SetModel(Completion completion, string? brand, ChunkEdits edits)
    {
        if (brand is null)
        {
            return;
        }

        var json = completion.Json.Span;
        var value = ChunkText.Quote(brand);
        if (completion.Model.IsPresent)
        {
            if (!completion.Model.In(json).SequenceEqual(value))
            {
                edits.Replace(completion.Model.Start, completion.Model.Length, value);
            }

            return;
        }

        var current = FindMember(json, "model"u8, out var end);
        if (current.IsAbsent)
        {
            var isEmpty = json[..end].TrimEnd(" \t\r\n"u8)[^1] == '{';
            edits.Insert(end, Encoding.UTF8.GetBytes(isEmpty ? "\"model\":" : ",\"model\":"));
            edits.Insert(end, value);
        }
        else
        {
            edits.Replace(current.Start, current.Length, value);
        }
    }

    /// <summary>A cheap no for the usual text.</summary>
    private static bool MayHoldReasoning(ReadOnlySpan<byte> body, ReasoningStrip mode) => mode switch
    {
        ReasoningStrip.Off => false,
        ReasoningStrip.Leading => body.Contains((byte)'<') || body.IndexOf("◁"u8) >= 0 || body.IndexOf("\\u"u8) >= 0,
        _ => true,
    };

    private static string? ToText(ReadOnlySpan<byte> json, ByteRange range) => range.IsAbsent ? null : ChunkText.Unescape(range.In(json));

    private static long CountChars(Completion completion)
    {
        var count = 0L;
        foreach (var text in completion.Message?.Texts ?? [])
        {
            count += ChunkText.CountChars(text.In(completion.Json.Span));
        }

        return count;
    }
}
