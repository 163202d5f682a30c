using System.Globalization;

namespace Synthwave.Configuration;

/// <summary>Numbers of things, in words that fit one as well as several. Pure.</summary>
internal static class Counted
{
    /// <summary><c>1 model</c>, <c>2 models</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">What one is called; several are called that with an s.</param>
    public static string Of(long count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count} {one}{(count == 1 ? "" : "s")}");
}
