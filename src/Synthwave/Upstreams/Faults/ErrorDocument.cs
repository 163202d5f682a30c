using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Upstreams.Faults;

/// <summary>
/// What an error body says, in whichever shape a server sends it: OpenAI's object, a bare text, <c>detail</c>, <c>message</c>, <c>msg</c>, a list, an event,
/// HTML, plain text. Reading never throws.
/// </summary>
/// <param name="Code">As text; empty = none.</param>
/// <param name="Type">Empty = none.</param>
/// <param name="Message">As it came, at most <see cref="MaxRead"/> characters; empty = none.</param>
/// <param name="Status">A status the document itself names, 400–599, by its number or by what it is called; null = none.</param>
/// <param name="IsOpenAiShaped">An object <c>error</c> with a text <c>message</c>.</param>
/// <param name="IsError">The document says of itself that it is an error.</param>
internal sealed partial record ErrorDocument(string Code, string Type, string Message, int? Status, bool IsOpenAiShaped, bool IsError)
{
    /// <summary>Longest sentence that is passed on, characters.</summary>
    public const int MaxSentence = 1000;

    private const int MaxRead = 8 * 1024;
    private const int MaxLookedAt = 4 * 1024;

    public static ErrorDocument Empty { get; } = new("", "", "", null, false, false);

    /// <summary>All words that tell what the error is about.</summary>
    public string Words => $"{Code} {Type} {Message}".Trim();

    /// <summary>The provider's sentence for a client or a log: one line, at most <see cref="MaxSentence"/> characters, keys and URLs replaced. Empty = there is none.</summary>
    public string Sentence => Redact(Message);

    public static ErrorDocument Read(ReadOnlyMemory<byte> body)
    {
        var text = body.Span.Trim(" \t\r\n\uFEFF"u8);
        if (text.IsEmpty)
        {
            return Empty;
        }

        if (text.StartsWith("data:"u8) || text.StartsWith("event:"u8))
        {
            return ReadEvent(text);
        }

        using var document = JsonReading.TryDocument(body);
        if (document is not null)
        {
            return Of(document.RootElement);
        }

        return text[0] == '<' ? Empty with { Message = Title(Decode(text)) }
            : text[0] is (byte)'{' or (byte)'[' ? Empty
            : Empty with { Message = Decode(text) };
    }

    private static ErrorDocument ReadEvent(ReadOnlySpan<byte> text)
    {
        foreach (var line in text.Split((byte)'\n'))
        {
            if (text[line] is var found && found.StartsWith("data:"u8))
            {
                using var document = JsonReading.TryDocument(found[5..].Trim(" \t\r"u8).ToArray());

                // What is read of it is no document that could be passed on.
                return document is null ? Empty : Of(document.RootElement) with { IsOpenAiShaped = false };
            }
        }

        return Empty;
    }

    private static ErrorDocument Of(JsonElement root)
    {
        if (root.ValueKind is JsonValueKind.Array)
        {
            return root.GetArrayLength() > 0 && root[0].ValueKind is JsonValueKind.Object ? Of(root[0]) with { IsOpenAiShaped = false } : Empty;
        }

        if (root.ValueKind is JsonValueKind.String)
        {
            return Empty with { Message = Cut(root.Text()) };
        }

        if (root.ValueKind is not JsonValueKind.Object)
        {
            return Empty;
        }

        if (root.Has("error"u8, out var error))
        {
            return error.ValueKind switch
            {
                JsonValueKind.Object => OfMembers(error) with { IsOpenAiShaped = error.Has("message"u8, JsonValueKind.String, out _), IsError = true },
                JsonValueKind.String => OfMembers(root) with { Message = Cut(error.Text()), IsError = true },
                JsonValueKind.Array or JsonValueKind.True => OfMembers(root) with { IsError = true },
                _ => OfMembers(root),
            };
        }

        if (root.Has("errors"u8, JsonValueKind.Array, out var errors) && errors.GetArrayLength() > 0)
        {
            return Of(errors[0]) with { IsOpenAiShaped = false, IsError = true };
        }

        return OfMembers(root);
    }

    private static ErrorDocument OfMembers(JsonElement error)
    {
        var message = MessageOf(error);
        var code = error.TryGet("code"u8, out var given) ? given.ValueKind switch
        {
            JsonValueKind.String => given.Text(),
            JsonValueKind.Number => Decode(given.Raw()),
            _ => "",
        } : "";
        var type = error.FindText("type") ?? "";
        return new(
            code,
            $"{type} {error.FindText("status")}".Trim(),
            message,
            Number(error, "code"u8) ?? Number(error, "status"u8) ?? Number(error, "status_code"u8) ?? (int.TryParse(code, out var number) && number is >= 400 and < 600 ? number : default(int?))
                ?? ErrorNames.StatusOf(code) ?? ErrorNames.StatusOf(type),
            IsOpenAiShaped: false,
            error.Is("object"u8, "error"u8) || error.Is("type"u8, "error"u8) || (message.Length > 0 && !error.Has("choices"u8, out _)));
    }

    private static string MessageOf(JsonElement error)
    {
        foreach (var name in (ReadOnlySpan<string>)["message", "msg", "detail", "error_description", "error_msg", "reason"])
        {
            if (!error.TryGet(name, out var value))
            {
                continue;
            }

            var text = value.ValueKind switch
            {
                JsonValueKind.String => value.Text(),
                JsonValueKind.Object => MessageOf(value),
                JsonValueKind.Array when value.GetArrayLength() > 0 => value[0].ValueKind switch
                {
                    JsonValueKind.Object => MessageOf(value[0]),
                    JsonValueKind.String => value[0].Text(),
                    _ => "",
                },
                _ => "",
            };
            if (text.Length > 0)
            {
                return Cut(text);
            }
        }

        return "";
    }

    private static int? Number(JsonElement error, ReadOnlySpan<byte> name) =>
        error.Has(name, JsonValueKind.Number, out var value) && value.TryGetInt32(out var number) && number is >= 400 and < 600 ? number : null;

    private static string Decode(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxRead)]);

    private static string Cut(string text) => text.Length <= MaxRead ? text : text[..MaxRead];

    private static string Title(string html) => TitleTag().Match(html) is { Success: true } title ? title.Groups[1].Value : "";

    private static string Redact(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        string redacted;
        try
        {
            redacted = LongWord().Replace(SecretShapes.Mask(Url().Replace(text.Length > MaxLookedAt ? text[..MaxLookedAt] : text, "[url]")), SecretShapes.Mark);
            redacted = Blank().Replace(redacted, " ").Trim();
        }
        catch (RegexMatchTimeoutException)
        {
            // Text made to take long. What cannot be looked through is not passed on.
            return "";
        }

        if (redacted.Length > MaxSentence)
        {
            var end = char.IsHighSurrogate(redacted[MaxSentence - 1]) ? MaxSentence - 1 : MaxSentence;
            redacted = redacted[..end];
        }

        // A half surrogate pair cannot be written out again.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(redacted));
    }

    [GeneratedRegex("<title[^>]*>([^<]{1,300})</title>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex TitleTag();

    // Addresses, with a scheme or without: host:port and bare IPv4 addresses.
    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]{1,15}://[^\s""'<>)\]]+|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b|\b[a-z0-9][a-z0-9.-]{0,200}:\d{2,5}\b(?=[/\s]|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex Url();

    // A long word that is no word. It may be a request's id as well, which a relayed document keeps; a sentence does without.
    [GeneratedRegex(@"\b(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{32,}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex LongWord();

    [GeneratedRegex(@"[\s\p{Cc}]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex Blank();
}
