using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>The items of one answer, in order.</summary>
internal sealed class ResponseItems
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

    /// <summary>The texts of all messages, one behind the other, still escaped.</summary>
    public ReadOnlySpan<byte> Text()
    {
        var text = new ArrayBufferWriter<byte>(256);
        foreach (var item in _all)
        {
            if (item is { Kind: ResponseItemKind.Message, IsRefusal: false })
            {
                text.Write(item.Text);
            }
        }

        return text.WrittenSpan;
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

    private void AddCall(ChatCallDelta call)
    {
        var item = new ResponseItem(ResponseItemKind.Call, _all.Count) { CallIndex = _all.Count, CallId = call.Id, Name = call.Name };
        item.Append(call.Arguments.Span);
        _all.Add(item);
    }

    private void AddText(ResponseItemKind kind, JsonElement value, bool isRefusal)
    {
        var item = new ResponseItem(kind, _all.Count) { IsRefusal = isRefusal };
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
