namespace Synthwave.Commands.Admin;

/// <summary>Text of others for a terminal: control characters, which could move the cursor or forge lines, are question marks. Pure.</summary>
internal static class PlainText
{
    /// <summary>The same of a text with several lines.</summary>
    public static string OfLines(string? text) => string.Join('\n', (text ?? "").Split('\n').Select(static l => Of(l.TrimEnd('\r').Replace('\t', ' '))));

    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        return text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0
            ? text
            : string.Create(text.Length, text, static (target, source) =>
            {
                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = char.IsControl(source[i]) ? '?' : source[i];
                }
            });
    }
}
