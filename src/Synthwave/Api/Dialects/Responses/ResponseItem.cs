using System.Buffers;
using System.Text;
using Synthwave.Chat;

namespace Synthwave.Api.Dialects.Responses;

internal enum ResponseItemKind { Reasoning, Message, Call }

/// <summary>One item of a response as it grows. Texts are kept as they stand between the quotes of a JSON string.</summary>
internal sealed class ResponseItem(ResponseItemKind kind, int position)
{
    private readonly ArrayBufferWriter<byte> _text = new(256);

    public ResponseItemKind Kind { get; } = kind;

    /// <summary>Its <c>output_index</c>.</summary>
    public int Position { get; } = position;

    public string Id { get; } = RandomHex.New(24, kind switch
    {
        ResponseItemKind.Reasoning => "rs_",
        ResponseItemKind.Message => "msg_",
        _ => "fc_",
    });

    /// <summary>Of a call: its index among the chat deltas.</summary>
    public int CallIndex { get; init; }

    /// <summary>Of a message: the text is a refusal.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>Of a call: its id as the model or the gateway gave it; empty = the item's own.</summary>
    public ReadOnlyMemory<byte> CallId { get; set; }

    /// <summary>Of a call.</summary>
    public ReadOnlyMemory<byte> Name { get; set; }

    /// <summary>Of a message's text: a JSON array; empty = none were asked for.</summary>
    public ArrayBufferWriter<byte>? LogProbabilities { get; set; }

    public bool IsClosed { get; set; }

    public ReadOnlySpan<byte> Text => _text.WrittenSpan;

    public void Append(ReadOnlySpan<byte> text) => _text.Write(text);

    /// <summary>Writes the item; with <paramref name="isEmpty"/> as it is before its first delta.</summary>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> status, bool isEmpty = false)
    {
        output.Write("{\"id\":\""u8);
        Encoding.ASCII.GetBytes(Id, output);
        output.Write("\",\"type\":\""u8);
        output.Write(Kind switch
        {
            ResponseItemKind.Reasoning => "reasoning\",\"summary\":[],\"content\":["u8,
            ResponseItemKind.Message => "message\",\"role\":\"assistant\",\"content\":["u8,
            _ => "function_call\",\"call_id\":\""u8,
        });
        if (Kind is ResponseItemKind.Call)
        {
            WriteCallId(output);
            output.Write("\",\"name\":\""u8);
            output.Write(Name.Span);
            output.Write("\",\"arguments\":\""u8);
            output.Write(isEmpty ? default : Text);
            output.Write("\""u8);
        }
        else
        {
            if (!isEmpty)
            {
                WritePart(output, Text, isDone: true);
            }

            output.Write("]"u8);
        }

        output.Write(",\"status\":\""u8);
        output.Write(status);
        output.Write("\"}"u8);
    }

    /// <summary>Writes the one content part of a message or of reasoning.</summary>
    public void WritePart(IBufferWriter<byte> output, ReadOnlySpan<byte> text, bool isDone)
    {
        output.Write(Kind is ResponseItemKind.Reasoning ? "{\"type\":\"reasoning_text\",\"text\":\""u8
            : IsRefusal ? "{\"type\":\"refusal\",\"refusal\":\""u8
            : "{\"type\":\"output_text\",\"text\":\""u8);
        output.Write(text);
        output.Write("\""u8);
        if (Kind is ResponseItemKind.Message && !IsRefusal)
        {
            output.Write(",\"annotations\":[],\"logprobs\":["u8);
            output.Write(isDone && LogProbabilities is { } found ? found.WrittenSpan : default);
            output.Write("]"u8);
        }

        output.Write("}"u8);
    }

    public void WriteCallId(IBufferWriter<byte> output)
    {
        if (CallId.IsEmpty)
        {
            Encoding.ASCII.GetBytes(Id, output);
        }
        else
        {
            output.Write(CallId.Span);
        }
    }
}
