using System.Buffers;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>Marks up to which the provider keeps a prompt: the API takes four in a request, and none of an hour behind one of five minutes.</summary>
internal static class CacheMarks
{
    /// <summary>As many as the API takes.</summary>
    public const int Most = 4;

    private static ReadOnlySpan<byte> Name => "\"cache_control\""u8;

    /// <summary>How many marks the block has, those of blocks within it included.</summary>
    public static int CountIn(ReadOnlySpan<byte> block) => block.Count(Name);

    /// <summary>Whether a mark in the block is for an hour: then none of ours may stand before it.</summary>
    public static bool HasLong(ReadOnlySpan<byte> block) => block.IndexOf(Name) >= 0 && block.IndexOf("\"1h\""u8) >= 0;

    /// <summary>Writes the block, an object with members, with a mark of its own unless it has one.</summary>
    public static void WriteMarked(byte[] block, IBufferWriter<byte> output)
    {
        if (CountIn(block) > 0)
        {
            output.Write(block);
            return;
        }

        output.Write(block.AsSpan(..^1), ",\"cache_control\":{\"type\":\"ephemeral\"}"u8, "}"u8);
    }
}
