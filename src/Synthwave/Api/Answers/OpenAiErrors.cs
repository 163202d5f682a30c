using System.Buffers;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Answers;

/// <summary>OpenAI's error shape, <c>{"error":{"message","type","param","code"}}</c>: all four members, in this order, compact.</summary>
internal sealed class OpenAiErrors : IErrorShape
{
    private OpenAiErrors()
    {
    }

    public static OpenAiErrors Shape { get; } = new();

    public static ReadOnlyMemory<byte> Envelope(GatewayError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteEnvelope(error, buffer);
        return buffer.WrittenMemory;
    }

    /// <summary>One server-sent event, the blank line at its end included.</summary>
    public static ReadOnlyMemory<byte> Event(GatewayError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write("data: "u8);
        WriteEnvelope(error, buffer);
        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    public ReadOnlyMemory<byte> Document(GatewayError error, string? requestId) => Envelope(error);

    /// <summary>The upstream's own document, byte for byte.</summary>
    public ReadOnlyMemory<byte> Document(GatewayError error, ReadOnlyMemory<byte> relayed, string? requestId) => relayed;

    private static void WriteEnvelope(GatewayError error, IBufferWriter<byte> target)
    {
        using var json = JsonWriting.To(target);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.EffectiveType);
        json.WriteString("param"u8, error.Param);
        json.WriteString("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
