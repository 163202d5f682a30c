using System.Text.Json;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>Judges and measures a message's <c>content</c>: its text, and what kinds of parts it is made of.</summary>
internal static class RequestContentScan
{
    private const int LongestLabel = 64;

    private enum Payload
    {
        Missing,

        /// <summary>There, but neither an object nor a text.</summary>
        Malformed,

        /// <summary>The address or the data itself, where an object with it is expected.</summary>
        Bare,

        /// <summary>An object without a usable address or data.</summary>
        Empty,
        Usable,
    }

    private enum PartType
    {
        Missing,
        Text,

        /// <summary>What an assistant said instead of an answer: text under another name.</summary>
        Refusal,
        Image,
        Video,
        Audio,
        File,
        Unknown,
    }

    /// <summary>
    /// The reader stands on the value and is left on its last token. False = neither string, array of objects nor null. Part problems that only
    /// matter once the schema holds go to <see cref="RequestFacts.Labels"/>.
    /// </summary>
    /// <param name="reader">On the value.</param>
    /// <param name="facts">Takes labels and modalities.</param>
    /// <param name="textBytes">UTF-8 bytes of the text; several text parts count as joined by a line break.</param>
    public static bool TryRead(ref Utf8JsonReader reader, RequestFacts facts, out long textBytes)
    {
        textBytes = 0;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                textBytes = StringBytes(ref reader);
                return true;
            case JsonTokenType.StartArray:
                break;
            default:
                reader.Skip();
                return false;
        }

        var isValid = true;
        var texts = 0;
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                isValid = false;
                reader.Skip();
            }
            else if (ReadPart(ref reader, index, facts) is { } bytes)
            {
                textBytes += bytes;
                texts++;
            }
        }

        textBytes += Math.Max(0, texts - 1);
        return isValid;
    }

    /// <summary>Bytes of a text or refusal part, null for any other.</summary>
    private static long? ReadPart(ref Utf8JsonReader reader, int index, RequestFacts facts)
    {
        var type = PartType.Missing;
        ReadOnlySpan<byte> unknown = default;
        long? text = null, refusal = null;
        Payload image = default, video = default, audio = default, file = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isEscaped = reader.ValueIsEscaped;
            reader.Read();
            if (JsonText.Matches(name, isEscaped, "type"u8))
            {
                type = TypeOf(ref reader);
                unknown = type == PartType.Unknown ? reader.ValueSpan : default;
                reader.Skip();
            }
            else if (JsonText.Matches(name, isEscaped, "text"u8))
            {
                text = reader.TokenType == JsonTokenType.String ? StringBytes(ref reader) : null;
                reader.Skip();
            }
            else if (JsonText.Matches(name, isEscaped, "refusal"u8))
            {
                refusal = reader.TokenType == JsonTokenType.String ? StringBytes(ref reader) : null;
                reader.Skip();
            }
            else if (JsonText.Matches(name, isEscaped, "image_url"u8))
            {
                image = ReadPayload(ref reader, allowsData: false);
            }
            else if (JsonText.Matches(name, isEscaped, "video_url"u8))
            {
                video = ReadPayload(ref reader, allowsData: false);
            }
            else if (JsonText.Matches(name, isEscaped, "input_audio"u8))
            {
                audio = ReadPayload(ref reader, allowsData: true);
            }
            else if (JsonText.Matches(name, isEscaped, "file"u8))
            {
                file = ReadFile(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        switch (type)
        {
            case PartType.Text when text is not null:
                return text;
            case PartType.Text:
                facts.NoteMalformed("text_malformed");
                break;
            case PartType.Refusal when refusal is not null:
                return refusal;
            case PartType.Refusal:
                facts.NoteMalformed("refusal_malformed");
                break;
            case PartType.Image:
                Admit(image, index, Modalities.Image, TokenEstimator.Image, "image_url_malformed", "image_url_missing_url", facts);
                break;
            case PartType.Video:
                Admit(video, index, Modalities.Video, TokenEstimator.Video, "video_url_malformed", "video_url_missing_url", facts);
                break;
            case PartType.Audio:
                Admit(audio, index, Modalities.Audio, TokenEstimator.Audio, "input_audio_malformed", "input_audio_missing_payload", facts);
                break;
            case PartType.File when file is Payload.Usable:
                Admit(file, index, Modalities.File, TokenEstimator.File, "", "", facts);
                break;
            case PartType.File:
                facts.NoteForeign("file", index);
                break;
            case PartType.Unknown:
                facts.NoteForeign(JsonText.Excerpt(unknown, LongestLabel), index);
                break;
            default:
                facts.NoteMalformed("missing_type");
                break;
        }

        return null;
    }

    private static void Admit(Payload payload, int index, Modalities kind, int tokens, string malformed, string empty, RequestFacts facts)
    {
        switch (payload)
        {
            case Payload.Usable or Payload.Bare:
                if (payload is Payload.Bare)
                {
                    facts.NoteForeign(malformed, index);
                }

                facts.Modalities |= kind;
                facts.MessageModalities |= kind;
                facts.MessageMediaTokens += tokens;
                break;
            case Payload.Empty:
                facts.NoteMalformed(empty);
                break;
            default:
                facts.NoteMalformed(malformed);
                break;
        }
    }

    private static Payload ReadPayload(ref Utf8JsonReader reader, bool allowsData)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            var isBare = reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty;
            reader.Skip();
            return isBare ? Payload.Bare : Payload.Malformed;
        }

        var payload = Payload.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSource = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "url"u8)
                || (allowsData && JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "data"u8));
            reader.Read();
            if (isSource && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
            {
                payload = Payload.Usable;
            }

            reader.Skip();
        }

        return payload;
    }

    // Usable = its data says that it is a document; any other file is the upstream's to judge.
    private static Payload ReadFile(ref Utf8JsonReader reader)
    {
        var payload = Payload.Missing;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return payload;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "file_data"u8);
            reader.Read();
            if (isData)
            {
                payload = reader.TokenType == JsonTokenType.String && FileParts.IsKnown(reader.ValueSpan) ? Payload.Usable : Payload.Empty;
            }

            reader.Skip();
        }

        return payload;
    }

    private static PartType TypeOf(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        if (reader.TokenType != JsonTokenType.String || raw.IsEmpty)
        {
            return PartType.Missing;
        }

        var isEscaped = reader.ValueIsEscaped;
        return raw switch
        {
            _ when JsonText.Matches(raw, isEscaped, "text"u8) => PartType.Text,
            _ when JsonText.Matches(raw, isEscaped, "refusal"u8) => PartType.Refusal,
            _ when JsonText.Matches(raw, isEscaped, "image_url"u8) => PartType.Image,
            _ when JsonText.Matches(raw, isEscaped, "video_url"u8) => PartType.Video,
            _ when JsonText.Matches(raw, isEscaped, "input_audio"u8) => PartType.Audio,
            _ when JsonText.Matches(raw, isEscaped, "file"u8) => PartType.File,
            _ => PartType.Unknown,
        };
    }

    private static int StringBytes(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? JsonMeasure.Utf8Length(reader.ValueSpan) : reader.ValueSpan.Length;
}
