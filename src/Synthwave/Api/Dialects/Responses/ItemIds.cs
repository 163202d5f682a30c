using System.Globalization;
using Synthwave.Chat;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// Ids of items, made of their response's id and their place, so that an item is found by its id alone: 19 of the response's digits, then five of the place.
/// </summary>
internal static class ItemIds
{
    /// <summary>Places from here on are those of input items.</summary>
    public const int FirstInput = 0x80000;

    private const int Digits = 24;
    private const int KeyDigits = 19;

    public static string New(string prefix, string responseId, int place) => KeyOf(responseId) is { Length: KeyDigits } key
        ? string.Create(CultureInfo.InvariantCulture, $"{prefix}{key}{place:x5}")
        : RandomHex.New(Digits, prefix);

    /// <summary>What all ids of a response's items have in common; an id of another form is its own key.</summary>
    public static string KeyOf(string responseId)
    {
        var at = responseId.LastIndexOf('_') + 1;
        return responseId.Length - at == Digits ? responseId[at..(at + KeyDigits)] : responseId;
    }

    /// <summary>False = it is no id of this form.</summary>
    public static bool TryParse(string itemId, out string key, out int place)
    {
        var digits = itemId.AsSpan(itemId.LastIndexOf('_') + 1);
        key = digits.Length == Digits ? digits[..KeyDigits].ToString() : "";
        place = 0;
        return digits.Length == Digits && int.TryParse(digits[KeyDigits..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out place);
    }
}
