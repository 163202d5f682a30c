using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>
/// Keeps a choice's <c>logprobs</c> to what a client may see: they spell out, token by token, what was taken out of the text. Tokens that spell the
/// visible text stay; where none do (a token reaches over the edge of a block, text was joined or moved, the server counts otherwise) all go, since
/// probabilities beside the wrong tokens are worth less than none.
/// </summary>
internal static class LogProbabilities
{
    private static readonly byte[] None = "null"u8.ToArray();

    /// <summary>Whether a chunk may have some: a cheap look for servers that send null, or nothing, with every chunk.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> json)
    {
        for (var at = json.IndexOf("\"logprobs\""u8); at >= 0; at = json.IndexOf("\"logprobs\""u8))
        {
            json = json[(at + 10)..];
            var value = json.TrimStart(" \t\r\n:"u8);
            if (!value.IsEmpty && value[0] != 'n')
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Fits those of one choice, every one of a repeated name, to its visible text.</summary>
    /// <param name="json">A valid completion or chunk.</param>
    /// <param name="choice">Position in <c>choices</c>.</param>
    /// <param name="visible">What is left of the choice's text.</param>
    /// <param name="edits">Takes the changes.</param>
    public static void Fit(ReadOnlySpan<byte> json, int choice, string visible, JsonEdits edits)
    {
        foreach (var range in Find(json, choice))
        {
            edits.Replace(range.Start, range.Length, Fit(range.In(json), visible));
        }
    }

    private static List<ByteRange> Find(ReadOnlySpan<byte> json, int choice)
    {
        var found = new List<ByteRange>();
        var reader = JsonReading.ReaderAt(json);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isChoices = reader.TextIs("choices"u8);
            reader.Read();
            if (!isChoices || reader.TokenType is not JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            for (var position = 0; reader.Read() && reader.TokenType is not JsonTokenType.EndArray; position++)
            {
                if (position == choice && reader.TokenType is JsonTokenType.StartObject)
                {
                    FindInChoice(ref reader, found);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return found;
    }

    private static void FindInChoice(ref Utf8JsonReader reader, List<ByteRange> found)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isWanted = reader.TextIs("logprobs"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var isNull = reader.TokenType is JsonTokenType.Null;
            reader.Skip();
            if (isWanted && !isNull)
            {
                found.Add(new(start, (int)reader.BytesConsumed - start));
            }
        }
    }

    private static byte[] Fit(ReadOnlySpan<byte> value, string visible)
    {
        var root = JsonReading.Element(value);
        if (!root.TryGet("content"u8, out var content) || content.ValueKind is not JsonValueKind.Array
            || FindTokens([.. content.EnumerateArray().Select(Spelled)], visible) is not var (first, count))
        {
            return None;
        }

        // Composed anew: what else a server keeps beside the list may speak of the same tokens.
        var fitted = new StringBuilder("{\"content\":[");
        fitted.AppendJoin(',', content.EnumerateArray().Skip(first).Take(count).Select(token => token.GetRawText()));
        fitted.Append(']');
        if (root.TryGet("refusal"u8, out var refusal))
        {
            fitted.Append(",\"refusal\":").Append(refusal.GetRawText());
        }

        return Encoding.UTF8.GetBytes(fitted.Append('}').ToString());
    }

    /// <summary>The run of tokens that spells the text, but for white space around it and one mark of the end. Null = none does.</summary>
    private static (int First, int Count)? FindTokens(List<byte[]?> tokens, string visible)
    {
        var text = Encoding.UTF8.GetBytes(visible.Trim());
        if (text.Length == 0 || tokens.Contains(null))
        {
            return null;
        }

        var count = tokens.Count;
        if (count > 0 && tokens[count - 1]! is [(byte)'<', .., (byte)'>'] end && !text.AsSpan().EndsWith(end))
        {
            count--;
        }

        while (count > 0 && IsBlank(tokens[count - 1]))
        {
            count--;
        }

        // From the end: what was taken out stood before what is left.
        var rest = text.AsSpan();
        for (var at = count - 1; at >= 0; at--)
        {
            var token = at == count - 1 ? tokens[at].AsSpan().TrimEnd(" \t\r\n"u8) : tokens[at].AsSpan();
            if (token.Length >= rest.Length)
            {
                return token.EndsWith(rest) && IsBlank(token[..^rest.Length]) ? (at, count - at) : null;
            }

            if (!rest.EndsWith(token))
            {
                return null;
            }

            rest = rest[..^token.Length];
        }

        return null;
    }

    /// <summary>What a token stands for: its bytes where they are given, since a token may be half a character.</summary>
    private static byte[]? Spelled(JsonElement token)
    {
        if (token.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (token.Has("bytes"u8, JsonValueKind.Array, out var bytes))
        {
            var spelled = new List<byte>(bytes.GetArrayLength());
            foreach (var item in bytes.EnumerateArray())
            {
                if (item.ValueKind is not JsonValueKind.Number || !item.TryGetByte(out var one))
                {
                    return null;
                }

                spelled.Add(one);
            }

            return [.. spelled];
        }

        return token.Has("token"u8, JsonValueKind.String, out var text)
            ? Encoding.UTF8.GetBytes(JsonText.Unescape(text.RawText()))
            : null;
    }

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes.TrimStart(" \t\r\n"u8).IsEmpty;
}
