using System.Buffers;
using Synthwave.Chat.Completions;
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

    /// <summary>The answer is a refusal and nothing else.</summary>
    public bool IsRefusal => Completion.Message?.IsRefusal(Completion.Json.Span) is true;

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

        var edits = new JsonEdits();
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

    /// <summary>The completion with another text in its first message, which has one.</summary>
    public static Completion WithText(Completion completion, string text)
    {
        var message = completion.Message ?? throw new InvalidOperationException("There is no message to write to.");
        var json = completion.Json;
        var edits = new JsonEdits();
        SetContent(message, text, hasOtherMembers: true, edits);
        if (LogProbabilities.MayBeIn(json.Span))
        {
            LogProbabilities.Fit(json.Span, message.Choice, text, edits);
        }

        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        edits.Apply(json.Span, output);
        return CompletionReader.Read(output.WrittenMemory) ?? throw new InvalidOperationException("An edited completion must stay valid JSON.");
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
        var current = JsonEdits.FindMember(json.Span, "usage"u8, out _);
        return current.IsPresent && TokenUsage.Read(current.In(json.Span)) == usage ? json : JsonEdits.WithMember(json, "usage"u8, usage.ToJson());
    }

    /// <summary>Sets the top-level <c>x_meta_model</c> to a JSON value.</summary>
    /// <param name="json">A valid JSON object: a completion or a chunk.</param>
    /// <param name="extension">A JSON value.</param>
    public static ReadOnlyMemory<byte> WithExtension(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> extension) =>
        JsonEdits.WithMember(json, "x_meta_model"u8, extension);

    /// <summary>Sets the top-level <c>model</c>.</summary>
    /// <param name="json">A valid JSON object: a completion or a chunk.</param>
    /// <param name="model">The name as text.</param>
    public static ReadOnlyMemory<byte> WithModel(ReadOnlyMemory<byte> json, string model) => JsonEdits.WithMember(json, "model"u8, JsonText.Quote(model));

    private static void CleanMessage(
        ReadOnlySpan<byte> json, CompletionMessage message, AnswerPolicy policy, JsonEdits edits, ref bool isStripped, ref bool isRescued)
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
                isTextless = isTextless && JsonText.IsBlank(body);
                continue;
            }

            var stripped = ReasoningText.Strip(JsonText.Unescape(body), mode);
            isTextless = isTextless && string.IsNullOrWhiteSpace(stripped.Visible);
            if (stripped.IsChanged)
            {
                isStripped = changesText = true;
                visible = message.Texts.Length == 1 ? stripped.Visible : "";
                moved = moved.Length == 0 ? stripped.Reasoning! : $"{moved}\n{stripped.Reasoning}";
                edits.Replace(range.Start - 1, range.Length + 2, JsonText.Quote(stripped.Visible));
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

        var whole = JsonReading.Element(message.Whole.In(json));
        foreach (var name in ReasoningMembers.Names)
        {
            if (whole.Find(name) is { } value && value.GetRawText() is not ("\"\"" or "[]"))
            {
                return true;
            }
        }

        return false;
    }

    // Several texts are several runs of tokens: nothing tells them apart.
    private static string OnlyText(ReadOnlySpan<byte> json, CompletionMessage message) =>
        message.Texts is [var text] ? JsonText.Unescape(text.In(json)) : "";

    private static void SetContent(CompletionMessage message, string text, bool hasOtherMembers, JsonEdits edits)
    {
        var value = JsonText.Quote(text);
        if (message.Content.IsPresent)
        {
            edits.ReplaceWithin(message.Content, value);
            return;
        }

        edits.PrependMember(message.Whole.Start, "content"u8, value, isAlone: !hasOtherMembers);
    }

    private static void Expose(ReadOnlySpan<byte> json, CompletionMessage message, string moved, JsonEdits edits)
    {
        if (moved.Length == 0)
        {
            return;
        }

        var own = ToText(json, message.ReasoningContent);
        var value = JsonText.Quote(string.IsNullOrWhiteSpace(own) ? moved : $"{own}\n{moved}");
        if (message.ReasoningContentValue.IsPresent)
        {
            edits.Replace(message.ReasoningContentValue.Start, message.ReasoningContentValue.Length, value);
            return;
        }

        edits.Insert(message.Content.End, ",\"reasoning_content\":"u8.ToArray());
        edits.Insert(message.Content.End, value);
    }

    private static void SetModel(Completion completion, string? brand, JsonEdits edits)
    {
        if (brand is null)
        {
            return;
        }

        var json = completion.Json.Span;
        var value = JsonText.Quote(brand);
        if (completion.Model.IsPresent)
        {
            if (!completion.Model.In(json).SequenceEqual(value))
            {
                edits.Replace(completion.Model.Start, completion.Model.Length, value);
            }

            return;
        }

        edits.SetMember(json, "model"u8, value);
    }

    /// <summary>A cheap no for the usual text.</summary>
    private static bool MayHoldReasoning(ReadOnlySpan<byte> body, ReasoningStrip mode) => mode switch
    {
        ReasoningStrip.Off => false,
        ReasoningStrip.Leading => body.Contains((byte)'<') || body.IndexOf("◁"u8) >= 0 || body.IndexOf("\\u"u8) >= 0,
        _ => true,
    };

    private static string? ToText(ReadOnlySpan<byte> json, ByteRange range) => range.IsAbsent ? null : JsonText.Unescape(range.In(json));

    private static long CountChars(Completion completion)
    {
        var count = 0L;
        foreach (var text in completion.Message?.Texts ?? [])
        {
            count += JsonMeasure.Utf16Length(text.In(completion.Json.Span));
        }

        return count;
    }
}
