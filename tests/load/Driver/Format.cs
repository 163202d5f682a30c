using System.Globalization;

namespace Synthwave.Load.Driver;

/// <summary>Numbers as they stand in a report; what was not measured is a dash.</summary>
internal static class Format
{
    public const string None = "–";

    public static string Count(double value) => Text(value, "N0");

    public static string Ms(double value) => Text(value, "0.000");

    public static string AddedMs(double value) => Text(value, "+0.000;-0.000;0.000");

    public static string Micros(double value) => Text(value, "0.0");

    public static string Ratio(double value) => Text(value, "0.00");

    /// <summary>For differences of less than a hundredth.</summary>
    public static string FineRatio(double value) => Text(value, "0.000");

    public static string Percent(double share) => Text(100 * share, "0.0 '%'");

    public static string Megabytes(double bytes) => Text(bytes / (1024 * 1024), "0.0");

    public static string Kilobytes(double bytes) => Text(bytes / 1024, "0.0");

    private static string Text(double value, string format) =>
        double.IsNaN(value) ? None : value.ToString(format, CultureInfo.InvariantCulture);
}
