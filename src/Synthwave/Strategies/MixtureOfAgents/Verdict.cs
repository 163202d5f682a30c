using System.Globalization;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>What a judge said.</summary>
internal static class Verdict
{
    /// <summary>The position a verdict names: its first line as a number, else the first run of digits in that line. Null = none between 1 and <paramref name="count"/>.</summary>
    public static int? Read(string verdict, int count)
    {
        var line = verdict.AsSpan().Trim();
        var end = line.IndexOfAny('\n', '\r');
        line = end < 0 ? line : line[..end].TrimEnd();
        if (!int.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var start = line.IndexOfAnyInRange('0', '9');
            if (start < 0)
            {
                return null;
            }

            var digits = line[start..];
            var length = digits.IndexOfAnyExceptInRange('0', '9');
            if (!int.TryParse(length < 0 ? digits : digits[..length], NumberStyles.None, CultureInfo.InvariantCulture, out number))
            {
                return null;
            }
        }

        return number >= 1 && number <= count ? number - 1 : null;
    }
}
