using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>Tokens as one or more upstreams reported them (OpenAI's <c>usage</c> object). Absent details are null, never 0.</summary>
internal sealed record TokenUsage
{
    public required long PromptTokens { get; init; }

    public required long CompletionTokens { get; init; }

    /// <summary>As reported; the sum of the two when the upstream gave none.</summary>
    public required long TotalTokens { get; init; }

    /// <summary><c>prompt_tokens_details.cached_tokens</c>, or what other servers call it.</summary>
    public long? CachedTokens { get; init; }

    /// <summary><c>cache_creation_input_tokens</c>, as Anthropic counts prompt tokens written to its cache, or what other servers call it.</summary>
    public long? CacheWriteTokens { get; init; }

    /// <summary><c>completion_tokens_details.reasoning_tokens</c>, or what other servers call it.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>What the provider says beyond these counts, in its own words: a JSON object, empty = nothing, or nobody reads it.</summary>
    public ReadOnlyMemory<byte> Further { get; init; }

    /// <summary>All that was read: the prompt, and what came from the cache or went into it where a server counts that beside the prompt.</summary>
    public decimal InputTokens => PromptTokens + (IsCacheApart ? Cache : 0);

    /// <summary>
    /// All that was written: the completion, and the reasoning where a server counts that beside it. The total tells, or more reasoning than there is completion.
    /// </summary>
    public decimal OutputTokens
    {
        get
        {
            var apart = Surplus - (IsCacheApart ? Cache : 0);
            return CompletionTokens + (apart > 0 ? apart : ReasoningTokens > CompletionTokens ? ReasoningTokens.Value : 0);
        }
    }

    private decimal Cache => (decimal)(CachedTokens ?? 0) + (CacheWriteTokens ?? 0);

    private decimal Surplus => Math.Max(0, (decimal)TotalTokens - PromptTokens - CompletionTokens);

    private bool IsCacheApart => Cache > PromptTokens && Surplus >= Cache;

    /// <summary>No call uses more: what claims to is no count. Sums and prices of any number of calls stay within their types.</summary>
    public const long MostTokens = 1_000_000_000_000;

    public static TokenUsage operator +(TokenUsage left, TokenUsage right) => Add(left, right);

    /// <summary>Member-wise sum; a detail is null only when neither side has it. Of what is said beyond the counts only words remain.</summary>
    public static TokenUsage Add(TokenUsage left, TokenUsage right) => new()
    {
        PromptTokens = left.PromptTokens + right.PromptTokens,
        CompletionTokens = left.CompletionTokens + right.CompletionTokens,
        TotalTokens = left.TotalTokens + right.TotalTokens,
        CachedTokens = AddDetail(left.CachedTokens, right.CachedTokens),
        CacheWriteTokens = AddDetail(left.CacheWriteTokens, right.CacheWriteTokens),
        ReasoningTokens = AddDetail(left.ReasoningTokens, right.ReasoningTokens),
        Further = Labels(right.Further.IsEmpty ? left.Further : right.Further),
    };

    /// <summary>
    /// Reads a <c>usage</c> object, forgiving missing members and fractions. Null when it names neither prompt nor completion tokens, or is no object.
    /// </summary>
    /// <param name="json">One valid JSON value.</param>
    public static TokenUsage? Read(ReadOnlySpan<byte> json)
    {
        var reader = JsonReading.Reader(json);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return null;
        }

        long? prompt = null, completion = null, total = null, cached = null, written = null, reasoning = null;
        long? otherCached = null, otherWritten = null, otherReasoning = null;
        byte[]? further = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("prompt_tokens"u8))
            {
                prompt = ReadCount(ref reader);
            }
            else if (reader.TextIs("completion_tokens"u8))
            {
                completion = ReadCount(ref reader);
            }
            else if (reader.TextIs("total_tokens"u8))
            {
                total = ReadCount(ref reader);
            }
            else if (reader.TextIs("prompt_tokens_details"u8))
            {
                (cached, otherWritten) = ReadDetails(ref reader, "cached_tokens"u8, "cache_write_tokens"u8, "cache_creation_tokens"u8);
            }
            else if (reader.TextIs("cache_creation_input_tokens"u8))
            {
                written = ReadCount(ref reader);
            }
            else if (reader.TextIs("completion_tokens_details"u8))
            {
                (reasoning, _) = ReadDetails(ref reader, "reasoning_tokens"u8);
            }
            else if (reader.TextIs("cache_read_input_tokens"u8) || reader.TextIs("prompt_cache_hit_tokens"u8))
            {
                otherCached = ReadCount(ref reader);
            }
            else if (reader.TextIs("reasoning_tokens"u8))
            {
                otherReasoning = ReadCount(ref reader);
            }
            else if (reader.TextIs("x_anthropic"u8))
            {
                reader.Read();
                var at = (int)reader.TokenStartIndex;
                var isObject = reader.TokenType is JsonTokenType.StartObject;
                reader.Skip();
                further = isObject ? json[at..(int)reader.BytesConsumed].ToArray() : null;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (prompt is null && completion is null)
        {
            return null;
        }

        prompt ??= Math.Max(0, (total ?? 0) - (completion ?? 0));
        completion ??= Math.Max(0, (total ?? 0) - prompt.Value);
        return new TokenUsage
        {
            PromptTokens = prompt.Value,
            CompletionTokens = completion.Value,
            TotalTokens = total ?? prompt.Value + completion.Value,
            CachedTokens = cached ?? otherCached,
            CacheWriteTokens = written ?? otherWritten,
            ReasoningTokens = reasoning ?? otherReasoning,
            Further = further,
        };
    }

    /// <summary>The <c>usage</c> object, with the details that are known.</summary>
    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>(192);
        using (var writer = JsonWriting.To(output))
        {
            writer.WriteStartObject();
            writer.WriteNumber("prompt_tokens"u8, PromptTokens);
            writer.WriteNumber("completion_tokens"u8, CompletionTokens);
            writer.WriteNumber("total_tokens"u8, TotalTokens);
            if (CachedTokens is { } cached)
            {
                writer.WriteStartObject("prompt_tokens_details"u8);
                writer.WriteNumber("cached_tokens"u8, cached);
                writer.WriteEndObject();
            }

            if (CacheWriteTokens is { } written)
            {
                writer.WriteNumber("cache_creation_input_tokens"u8, written);
            }

            if (ReasoningTokens is { } reasoning)
            {
                writer.WriteStartObject("completion_tokens_details"u8);
                writer.WriteNumber("reasoning_tokens"u8, reasoning);
                writer.WriteEndObject();
            }

            if (!Further.IsEmpty)
            {
                writer.WriteRaw("x_anthropic"u8, Further.Span);
            }

            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    // The further counts of one call are not those of several; words, such as the tier it was served in, are true of the one that says them last.
    private static ReadOnlyMemory<byte> Labels(ReadOnlyMemory<byte> further)
    {
        if (further.IsEmpty)
        {
            return default;
        }

        var output = new ArrayBufferWriter<byte>(64);
        using (var writer = JsonWriting.To(output))
        {
            writer.WriteStartObject();
            foreach (var member in JsonReading.Element(further.Span).EnumerateObject())
            {
                if (member.Value.ValueKind is JsonValueKind.String)
                {
                    writer.WriteRaw(member);
                }
            }

            writer.WriteEndObject();
        }

        return output.WrittenCount > 2 ? output.WrittenMemory : default;
    }

    // Two counts of an object, the second by either of two names.
    private static (long? First, long? Second) ReadDetails(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> otherSecond = default)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return default;
        }

        var found = default((long? First, long? Second));
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs(first))
            {
                found.First = ReadCount(ref reader);
            }
            else if (!second.IsEmpty && (reader.TextIs(second) || reader.TextIs(otherSecond)))
            {
                found.Second = ReadCount(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return found;
    }

    /// <summary>A count from 0 to <see cref="MostTokens"/>, else null; some servers write whole numbers as floats.</summary>
    private static long? ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.Number)
        {
            reader.Skip();
            return null;
        }

        if (reader.TryGetInt64(out var whole))
        {
            return whole is >= 0 and <= MostTokens ? whole : null;
        }

        return reader.TryGetDouble(out var number) && number is >= 0 and <= MostTokens ? (long)Math.Round(number) : null;
    }

    private static long? AddDetail(long? left, long? right) => left is null && right is null ? null : (left ?? 0) + (right ?? 0);
}
