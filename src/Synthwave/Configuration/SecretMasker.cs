using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Synthwave.Json;

namespace Synthwave.Configuration;

/// <summary>
/// Replaces secrets by <see cref="SecretShapes.Mark"/> in words that others wrote: those it knows, in whichever spelling (as they are, in a URL, in HTML, in JSON
/// within a text, in Base64), and those that look like one. Made for errors, which are few and small. Immutable, thread-safe.
/// </summary>
internal sealed class SecretMasker
{
    /// <summary>A known secret of fewer characters is looked for as a whole word only, since it may be a part of many.</summary>
    private const int LeastInside = 8;

    /// <summary>One of fewer is not looked for at all: it would hide half of what is said, and keeps nothing secret.</summary>
    private const int Least = 4;

    private readonly string[] _spellings;
    private readonly SearchValues<string> _any;

    private SecretMasker(string[] spellings)
    {
        _spellings = spellings;
        _any = SearchValues.Create(spellings, StringComparison.Ordinal);
    }

    /// <summary>Knows <paramref name="secrets"/>, in any order, repeated or not.</summary>
    public static SecretMasker Of(IEnumerable<string> secrets)
    {
        var spellings = new HashSet<string>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            foreach (var line in secret.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (line.Length >= Least)
                {
                    spellings.UnionWith(SpellingsOf(line));
                }
            }
        }

        // The longest first, so that nothing of it stays behind a shorter one that it begins with.
        return new([.. spellings.OrderByDescending(static s => s.Length)]);
    }

    /// <summary>Without the secrets it knows.</summary>
    public string Known(string text)
    {
        var rest = text.AsSpan();
        if (rest.IndexOfAny(_any) is var at && at < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        var from = 0;
        while (at >= 0)
        {
            var found = Longest(text, from + at);
            output.Append(text, from, at);
            from += at;
            output.Append(found is null ? text.AsSpan(from, 1) : SecretShapes.Mark);
            from += found?.Length ?? 1;
            at = text.AsSpan(from).IndexOfAny(_any);
        }

        return output.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>The same of a document: of JSON the strings, which stays JSON, else of its whole text. The very memory where there are none.</summary>
    public ReadOnlyMemory<byte> Known(ReadOnlyMemory<byte> document) => Apply(document, Known, hidesMembers: false);

    /// <summary>Without the secrets it knows, and without what looks like one. Null = it cannot be looked through in reasonable time.</summary>
    public ReadOnlyMemory<byte>? All(ReadOnlyMemory<byte> document)
    {
        try
        {
            return Apply(document, text => SecretShapes.Mask(Known(text)), hidesMembers: true);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static IEnumerable<string> SpellingsOf(string secret)
    {
        yield return secret;
        var escaped = Uri.EscapeDataString(secret);
        yield return escaped;
        yield return WithSmallHex(escaped);
        yield return WebUtility.HtmlEncode(secret);
        yield return JsonEncodedText.Encode(secret).ToString();
        yield return Encoding.UTF8.GetString(JsonText.Quote(secret).AsSpan()[1..^1]);
        yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=');
    }

    // Both ways to write the digits behind a percent sign are in use.
    private static string WithSmallHex(string escaped) => string.Concat(escaped.Select((c, i) =>
        (i > 0 && escaped[i - 1] == '%') || (i > 1 && escaped[i - 2] == '%') ? char.ToLowerInvariant(c) : c));

    private static bool IsPartOfWord(string text, int at) => at >= 0 && at < text.Length && char.IsLetterOrDigit(text[at]);

    private static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> document, Func<string, string> mask, bool hidesMembers)
    {
        if (document.IsEmpty)
        {
            return document;
        }

        if (JsonReading.IsWhole(document.Span))
        {
            return ApplyToJson(document, mask, hidesMembers);
        }

        var text = Encoding.UTF8.GetString(document.Span);
        var masked = mask(text);
        return ReferenceEquals(masked, text) || masked == text ? document : Encoding.UTF8.GetBytes(masked);
    }

    private static ReadOnlyMemory<byte> ApplyToJson(ReadOnlyMemory<byte> document, Func<string, string> mask, bool hidesMembers)
    {
        var edits = new JsonEdits();
        var isCredential = false;
        var listDepth = -1;
        var reader = JsonReading.Reader(document.Span);
        while (reader.Read())
        {
            var (start, length) = ((int)reader.TokenStartIndex, reader.ValueSpan.Length);
            isCredential |= listDepth >= 0;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var name = JsonText.Unescape(reader.ValueSpan);
                    Mask(name, mask(name));
                    isCredential = hidesMembers && SecretShapes.IsCredentialName(name);
                    break;
                case JsonTokenType.String:
                    var text = JsonText.Unescape(reader.ValueSpan);
                    Mask(text, isCredential && text.Length > 0 ? SecretShapes.Mark : mask(text));
                    isCredential = false;
                    break;
                case JsonTokenType.Number:
                    // A number that is a secret was one as text, too.
                    var digits = Encoding.ASCII.GetString(reader.ValueSpan);
                    if (isCredential || (length >= LeastInside && mask(digits) != digits))
                    {
                        edits.Replace(start, length, JsonText.Quote(SecretShapes.Mark));
                    }

                    isCredential = false;
                    break;
                case JsonTokenType.StartArray:
                    listDepth = isCredential && listDepth < 0 ? reader.CurrentDepth : listDepth;
                    break;
                case JsonTokenType.EndArray when reader.CurrentDepth == listDepth:
                    (listDepth, isCredential) = (-1, false);
                    break;
                default:
                    isCredential = false;
                    break;
            }

            void Mask(string written, string masked)
            {
                if (masked != written)
                {
                    edits.Replace(start, length + 2, JsonText.Quote(masked));
                }
            }
        }

        if (edits.IsEmpty)
        {
            return document;
        }

        var output = new ArrayBufferWriter<byte>(document.Length);
        edits.Apply(document.Span, output);
        return output.WrittenMemory;
    }

    private string? Longest(string text, int at)
    {
        foreach (var spelling in _spellings)
        {
            if (string.CompareOrdinal(text, at, spelling, 0, spelling.Length) == 0
                && (spelling.Length >= LeastInside || !(IsPartOfWord(text, at - 1) || IsPartOfWord(text, at + spelling.Length))))
            {
                return spelling;
            }
        }

        return null;
    }
}
