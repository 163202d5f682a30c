using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>What messages count by the rules of <see cref="TokenEstimator"/>, the same as a <see cref="ChatRequest"/> carries. Pure.</summary>
internal static class MessageTokens
{
    /// <summary>One message: text, images, role, tool calls. <paramref name="message"/> is valid JSON; what is no message object counts 0.</summary>
    public static int Of(ReadOnlySpan<byte> message)
    {
        var reader = JsonReading.ReaderAt(message);
        return reader.TokenType is JsonTokenType.StartObject
            ? TokenEstimator.Clamp(RequestMessageScan.ReadMessage(ref reader, index: 0, new RequestFacts()))
            : 0;
    }

    /// <summary>A <c>messages</c> array (valid JSON): the sum over its messages.</summary>
    public static int OfAll(ReadOnlySpan<byte> messages)
    {
        var reader = JsonReading.ReaderAt(messages);
        var facts = new RequestFacts();
        RequestMessageScan.Read(ref reader, facts);
        return TokenEstimator.Clamp(facts.PromptTokens);
    }
}
