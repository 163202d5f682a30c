using System.Buffers;
using Synthwave.Chat.Events;
using Synthwave.Chat.Reasoning;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Chat.Cleaning;

/// <summary>Keeps the reasoning of a stream that has shown nothing yet, in case it has to become the answer.</summary>
internal sealed class AnswerRescue
{
    private readonly ArrayBufferWriter<byte> _content = new();
    private readonly ArrayBufferWriter<byte> _plain = new();

    /// <summary>Keeps a chunk's reasoning and says how many bytes that takes.</summary>
    public int Add(ReadOnlySpan<byte> data, ChunkShape shape)
    {
        _content.Write(shape.ReasoningContent.In(data));
        _plain.Write(shape.Reasoning.In(data));
        return shape.ReasoningContent.Length + shape.Reasoning.Length;
    }

    /// <summary>The text for the answer; null = there is none.</summary>
    public string? Take(ReasoningStrip strip) =>
        ReasoningText.Rescue(JsonText.Unescape(_content.WrittenSpan), JsonText.Unescape(_plain.WrittenSpan), strip);
}
