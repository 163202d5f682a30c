using System.Text;
using System.Text.Json;
using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

public sealed class SecretMaskerTests
{
    private const string Odd = "p/w+\"d&=\u00e9 x";

    private static readonly SecretMasker Masker = SecretMasker.Of(["topsecret-1", "topsecret-12", "abcd", Odd, "xy", "first-line-of-it\nsecond-line-of-it\n"]);

    [Theory]
    [InlineData("it is topsecret-1.", "it is [key].")]
    [InlineData("topsecret-12topsecret-1", "[key][key]")]
    [InlineData("topsecret-", "topsecret-")]
    [InlineData("abcd; abcde", "[key]; abcde")]
    [InlineData("xabcd abcd", "xabcd [key]")]
    [InlineData("xy", "xy")]
    [InlineData("first-line-of-it, second-line-of-it", "[key], [key]")]
    [InlineData("", "")]
    public void Known_secrets_are_replaced_and_nothing_else(string text, string expected) => Masker.Known(text).Should().Be(expected);

    [Fact]
    public void A_secret_is_known_in_every_spelling()
    {
        string[] spellings =
        [
            Odd, Uri.EscapeDataString(Odd), Uri.EscapeDataString(Odd).Replace("%2F", "%2f", StringComparison.Ordinal).Replace("%2B", "%2b", StringComparison.Ordinal).Replace("%3D", "%3d", StringComparison.Ordinal)
                .Replace("%C3%A9", "%c3%a9", StringComparison.Ordinal),
            System.Net.WebUtility.HtmlEncode(Odd), JsonEncodedText.Encode(Odd).ToString(), Convert.ToBase64String(Encoding.UTF8.GetBytes(Odd)).TrimEnd('='),
        ];

        foreach (var spelling in spellings)
        {
            Masker.Known($"<{spelling}>").Should().Be("<[key]>");
        }
    }

    [Theory]
    [InlineData("""{"a":"topsecret-1","b":[1.10,"x"],"topsecret-12":"y"}""", """{"a":"[key]","b":[1.10,"x"],"[key]":"y"}""")]
    [InlineData("""{"a" : "\u0074opsecret-1 \u00e9"}""", """{"a" : "[key] é"}""")]
    [InlineData("""{"a":"{\"k\":\"topsecret-1\"}"}""", """{"a":"{\"k\":\"[key]\"}"}""")]
    [InlineData("<p>topsecret-1</p>", "<p>[key]</p>")]
    [InlineData("""{"a":"topsecret-1""", """{"a":"[key]""")]
    [InlineData("""{"a":"b\u00e9"}""", """{"a":"b\u00e9"}""")]
    public void Documents_stay_what_they_are(string document, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(document);

        var masked = Masker.Known(bytes);

        Encoding.UTF8.GetString(masked.Span).Should().Be(expected);
        masked.Equals(bytes).Should().Be(document == expected, "what holds no secret is not copied");
    }

    [Theory]
    [InlineData("""{"error":{"message":"Incorrect API key provided: abc123def. Or sk-proj-abcd1234","code":"invalid_api_key"}}""", """{"error":{"message":"Incorrect API key provided: [key] Or [key]","code":"invalid_api_key"}}""")]
    [InlineData("""{"error":{"message":"no","request_id":"req_011CSHoEeqs5C35K2UUqR7Fy0000","type":"tokens","code":"token_limit_exceeded"}}""", """{"error":{"message":"no","request_id":"req_011CSHoEeqs5C35K2UUqR7Fy0000","type":"tokens","code":"token_limit_exceeded"}}""")]
    [InlineData("""{"headers":{"Authorization":"anything","x-api-key":"anything","accept":"*/*"},"password":12}""", """{"headers":{"Authorization":"[key]","x-api-key":"[key]","accept":"*/*"},"password":"[key]"}""")]
    [InlineData("""{"authorization":["a","b",["c",3],{"d":"e"}],"x":["f"],"password":{"g":"h"}}""", """{"authorization":["[key]","[key]",["[key]","[key]"],{"d":"[key]"}],"x":["f"],"password":{"g":"h"}}""")]
    [InlineData("GET https://me:pw@h.test/v1?api-version=1&api-key=abc&x=2", "GET https://[key]@h.test/v1?api-version=1&api-key=[key]&x=2")]
    [InlineData("https://h.test/?a=1\\u0026api_key=abc&amp;sig=abc", "https://h.test/?a=1\\u0026api_key=[key]&amp;sig=[key]")]
    [InlineData("Authorization: Basic dXNlcjpwYXNz", "Authorization: [key]")]
    [InlineData("see https://h.test/docs?topic=keys", "see https://h.test/docs?topic=keys")]
    public void What_looks_like_a_secret_goes_as_well(string document, string expected) =>
        Encoding.UTF8.GetString(Masker.All(Encoding.UTF8.GetBytes(document))!.Value.Span).Should().Be(expected);

    [Fact]
    public void Text_made_to_take_long_ends_in_time()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a-", 32_000)) + string.Concat(Enumerable.Repeat("&key", 500)));

        var masked = Masker.All(text);

        (masked is null || masked.Value.Length == text.Length).Should().BeTrue();
    }
}
