using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>What a call to an upstream asks for, read from its bytes.</summary>
/// <param name="Path">As it came.</param>
/// <param name="IsStream">Whether events are wanted.</param>
/// <param name="Order">The order in the prompt: what is to be answered, and its number.</param>
/// <param name="Inputs">Texts of an embeddings request.</param>
/// <param name="Key">The credential it brought.</param>
internal sealed partial record UpstreamCall(string Path, bool IsStream, (string Word, long Number) Order, int Inputs, string Key)
{
    /// <summary>A plain answer.</summary>
    public const string Plain = "Plain";

    /// <summary>Any reply drawn by the number.</summary>
    public const string Odd = "Odd";

    /// <summary>A plain answer, a little at a time.</summary>
    public const string Slow = "Slow";

    /// <summary>A plain answer of a megabyte or two.</summary>
    public const string Large = "Large";

    /// <summary>A plain answer of more than any system keeps for a client that does not read.</summary>
    public const string Huge = "Huge";

    /// <summary>Nothing at all.</summary>
    public const string Silent = "Silent";

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 100_000 };

    /// <summary>What a prompt says for an upstream to follow it.</summary>
    public static string Prompt(string word, long number) => FormattableString.Invariant($"{word} #{number}. ");

    /// <summary>Null = the body is no JSON, which nothing but a bug of the gateway's can send.</summary>
    public static UpstreamCall? Read(HttpMessage request)
    {
        var order = Orders.Match(request.Text) is { Success: true } match ? (match.Groups["word"].Value, long.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)) : (Plain, 0L);
        var key = request.Header("x-api-key") ?? request.Header("authorization") ?? "";
        if (request.Body.IsEmpty)
        {
            return new(request.Path, false, order, 0, key);
        }

        try
        {
            using var document = JsonDocument.Parse(request.Body, Deep);
            var root = document.RootElement;
            var isObject = root.ValueKind is JsonValueKind.Object;
            var isStream = isObject && root.TryGetProperty("stream"u8, out var stream) && stream.ValueKind is JsonValueKind.True;
            var inputs = isObject && root.TryGetProperty("input"u8, out var input) && input.ValueKind is JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind is not JsonValueKind.Number
                ? input.GetArrayLength()
                : 1;
            return new(request.Path, isStream, order, inputs, key);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"(?<word>Plain|Odd|Slow|Large|Huge|Silent) #(?<number>\d{1,9})\.", RegexOptions.CultureInvariant)]
    private static partial Regex Orders { get; }
}
