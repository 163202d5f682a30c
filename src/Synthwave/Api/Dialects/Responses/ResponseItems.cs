using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>The items of one answer, in order.</summary>
/// <param name="responseId">What their ids are made of.</param>
/// <param name="tools">By what a chat model calls them.</param>
/// <param name="sealsReasoning">Whether reasoning is given as <c>encrypted_content</c> too.</param>
/// <param name="summarizesReasoning">Whether reasoning is given as a summary.</param>
internal sealed class ResponseItems(string responseId, Func<string, ResponseTool?> tools, bool sealsReasoning, bool summarizesReasoning)
{
    private readonly List<ResponseItem> _all = [];

    public IReadOnlyList<ResponseItem> All => _all;

    public int Count => _all.Count;

    public void Add(ResponseItem item) => _all.Add(item);

    /// <summary>The newest item if it is of this kind and still open.</summary>
    public ResponseItem? Last(ResponseItemKind kind) => _all is [.., { IsClosed: false } last] && last.Kind == kind ? last : null;

    /// <summary>The call with this index among the chat deltas.</summary>
    public ResponseItem? Call(int index) => _all.Find(i => i.Kind is ResponseItemKind.Call && i.CallIndex == index);

    /// <summary>An answer that was cut ends with an incomplete item.</summary>
    public string StatusOf(ResponseItem item, string finishReason) =>
        finishReason is "length" or "content_filter" && item == _all[^1] ? "incomplete" : "completed";

    /// <summary>Writes all, separated by commas.</summary>
    public void Write(IBufferWriter<byte> output, Func<ResponseItem, string, string> status, string finishReason)
    {
        for (var i = 0; i < _all.Count; i++)
        {
            output.Write(i > 0 ? ","u8 : default);
            _all[i].Write(output, Encoding.ASCII.GetBytes(status(_all[i], finishReason)));
        }
    }

    /// <summary>The texts of all messages, which follow one another in the object, still escaped.</summary>
    public IEnumerable<ItemText> Texts => _all.Where(static i => i is { Kind: ResponseItemKind.Message, IsRefusal: false }).Select(static i => i.Text);

    /// <summary>Bytes of all texts.</summary>
    public long TextBytes => _all.Sum(static i => i.Text.Length);

    /// <summary>Lets everything go.</summary>
    public void Clear() => _all.Clear();

    /// <summary>The next item, of text.</summary>
    public ResponseItem NewText(ResponseItemKind kind, bool isRefusal = false) => new(kind, Count)
    {
        Id = ItemIds.New(kind is ResponseItemKind.Reasoning ? "rs_" : "msg_", responseId, Count),
        IsRefusal = isRefusal,
        IsSealed = sealsReasoning && kind is ResponseItemKind.Reasoning,
        IsSummary = summarizesReasoning && kind is ResponseItemKind.Reasoning,
    };

    /// <summary>The next item, a call; of a tool nobody declared a function's.</summary>
    public ResponseItem NewCall(in ChatCallDelta call, int index)
    {
        var tool = tools(JsonText.Unescape(call.Name.Span));
        var kind = tool?.Kind ?? ResponseToolKind.Function;
        return new(ResponseItemKind.Call, Count)
        {
            Id = ItemIds.New(PrefixOf(kind), responseId, Count),
            CallIndex = index,
            CallId = call.Id.ToArray(),
            Tool = kind,
            Name = tool is null ? call.Name.ToArray() : JsonText.Quote(tool.Name).AsMemory()[1..^1],
            Namespace = tool?.Namespace,
            Input = kind is ResponseToolKind.Custom ? new CustomInput() : null,
        };
    }

    /// <summary>Takes the items of a finished chat choice: reasoning, text, refusal, calls.</summary>
    public void AddWhole(JsonElement choice)
    {
        if (!choice.Has("message"u8, out var message) || message.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        AddText(ResponseItemKind.Reasoning, message.Has("reasoning_content"u8, out var reasoning) || message.Has("reasoning"u8, out reasoning) ? reasoning : default, isRefusal: false);
        AddText(ResponseItemKind.Message, message.Has("content"u8, out var content) ? content : default, isRefusal: false);
        if (_all is [.., { Kind: ResponseItemKind.Message } text] && ChatChoice.LogProbabilities(choice) is { IsEmpty: false } found)
        {
            text.LogProbabilities = new(found.Length);
            text.LogProbabilities.Write(found);
        }

        AddText(ResponseItemKind.Message, message.Has("refusal"u8, out var refusal) ? refusal : default, isRefusal: true);
        if (message.Has("tool_calls"u8, JsonValueKind.Array, out var calls))
        {
            foreach (var call in ChatCallDelta.ReadAll(calls.Raw().ToArray()))
            {
                AddCall(call);
            }
        }
        else if (message.Has("function_call"u8, JsonValueKind.Object, out var legacy))
        {
            AddCall(ChatCallDelta.ReadLegacy(legacy.Raw().ToArray()));
        }
    }

    /// <summary>The text a piece of a call's arguments adds to its item, still escaped.</summary>
    /// <param name="item">The call.</param>
    /// <param name="arguments">As they stand between the quotes of a JSON string; ignored at the end.</param>
    /// <param name="isEnd">The arguments are over.</param>
    public static ReadOnlySpan<byte> TextOf(ResponseItem item, ReadOnlySpan<byte> arguments, bool isEnd)
    {
        if (item.Input is not { } input)
        {
            return isEnd ? default : arguments;
        }

        var characters = new ArrayBufferWriter<char>(arguments.Length + 16);
        if (isEnd)
        {
            input.Complete(characters);
        }
        else
        {
            input.Append(JsonText.Unescape(arguments), characters);
        }

        var text = new ArrayBufferWriter<byte>(characters.WrittenCount + 16);
        JsonText.Escape(characters.WrittenSpan, text);
        return text.WrittenSpan;
    }

    private static string PrefixOf(ResponseToolKind kind) => kind switch
    {
        ResponseToolKind.Custom => "ctc_",
        ResponseToolKind.LocalShell => "lsh_",
        ResponseToolKind.Shell => "sh_",
        ResponseToolKind.ApplyPatch => "apc_",
        ResponseToolKind.ToolSearch => "tsc_",
        _ => "fc_",
    };

    private void AddCall(in ChatCallDelta call)
    {
        var item = NewCall(call, Count);
        item.Append(TextOf(item, call.Arguments.Span, isEnd: false));
        item.Append(TextOf(item, default, isEnd: true));
        _all.Add(item);
    }

    private void AddText(ResponseItemKind kind, JsonElement value, bool isRefusal)
    {
        var item = NewText(kind, isRefusal);
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                item.Append(value.RawText());
                break;
            case JsonValueKind.Array:
                foreach (var part in value.EnumerateArray())
                {
                    if (part.Has("type"u8, out var type) && type.TryGetText(out var name) && name is "text" or "output_text"
                        && part.Has("text"u8, JsonValueKind.String, out var text))
                    {
                        item.Append(text.RawText());
                    }
                }

                break;
        }

        if (!item.Text.IsEmpty)
        {
            _all.Add(item);
        }
    }
}
