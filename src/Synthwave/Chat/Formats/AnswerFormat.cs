using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Json;

namespace Synthwave.Chat.Formats;

/// <summary>The JSON that a request's <c>response_format</c> asks for. Immutable, thread-safe.</summary>
internal sealed class AnswerFormat
{
    /// <summary>Places in a text at which JSON is looked for.</summary>
    private const int MostPlaces = 32;

    private readonly JsonElement _schema;

    private AnswerFormat(JsonElement schema) => _schema = schema;

    /// <summary>Null = the answer may be any text.</summary>
    public static AnswerFormat? Of(ChatBody body)
    {
        if (!body.TryGet("response_format", out var value))
        {
            return null;
        }

        var format = JsonReading.Element(value.Span);
        var isSchema = format.Is("type"u8, "json_schema"u8);
        return !isSchema && !format.Is("type"u8, "json_object"u8) ? null
            : new(isSchema && format.TryGet("json_schema"u8, out var named) && named.Has("schema"u8, JsonValueKind.Object, out var schema) ? schema : default);
    }

    /// <summary>
    /// The JSON of an answer: the very text where it is nothing else, or what stands in it between fences and prose. Null = it has none of the form that was asked.
    /// </summary>
    public string? Find(string text)
    {
        // Half of a surrogate pair becomes a mark of what is none.
        var utf8 = Encoding.UTF8.GetBytes(text);
        using (var whole = JsonReading.TryDocument(utf8))
        {
            if (whole is not null)
            {
                return Fits(whole.RootElement) ? text : null;
            }
        }

        var best = default(ReadOnlyMemory<byte>);
        var at = 0;
        for (var i = 0; i < MostPlaces && utf8.AsSpan(at).IndexOfAny((byte)'{', (byte)'[') is >= 0 and var next; i++)
        {
            at += next;
            var length = LengthOfValue(utf8.AsSpan(at));
            if (length > best.Length && Fits(JsonReading.Element(utf8.AsSpan(at, length))))
            {
                best = utf8.AsMemory(at, length);
            }

            at += Math.Max(1, length);
        }

        return best.IsEmpty ? null : Encoding.UTF8.GetString(best.Span);
    }

    /// <summary>Whether an answer that begins with this character, the first that is no white space, may be JSON as it stands.</summary>
    public static bool MayBeginWith(char first) => first is '{' or '[' or '"' or '-' or 't' or 'f' or 'n' or (>= '0' and <= '9');

    private bool Fits(JsonElement value) => _schema.ValueKind is JsonValueKind.Undefined ? value.ValueKind is JsonValueKind.Object : new SchemaCheck(_schema).Fits(value);

    // 0 = no JSON begins here.
    private static int LengthOfValue(ReadOnlySpan<byte> text)
    {
        var reader = JsonReading.Reader(text);
        try
        {
            reader.Read();
            reader.Skip();
            return (int)reader.BytesConsumed;
        }
        catch (JsonException)
        {
            return 0;
        }
    }
}
