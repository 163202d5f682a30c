using System.Text;

namespace Synthwave.Providers;

/// <summary>
/// A base URL with <c>${NAME}</c>, <c>${NAME:-default}</c> and <c>{model}</c> in it. A variable's value may hold letters, digits, <c>-</c>, <c>_</c> and <c>.</c> alone, and in
/// the host no dot: whatever it is, the key that goes with the URL does not go to another host.
/// </summary>
internal static class BaseTemplate
{
    /// <summary>What came of it: a URL, or what keeps it from being one.</summary>
    /// <param name="Url">Null = a variable is missing or unusable.</param>
    /// <param name="Variable">Its name; null = nothing is missing.</param>
    /// <param name="IsUnusable">The variable is set, to something that cannot stand in a URL.</param>
    internal readonly record struct Filled(string? Url, string? Variable = null, bool IsUnusable = false);

    /// <summary>The names of the variables in a text, those with a default included.</summary>
    public static IReadOnlyList<string> VariablesIn(string template)
    {
        var names = new List<string>();
        for (var at = template.IndexOf("${", StringComparison.Ordinal); at >= 0; at = template.IndexOf("${", at + 2, StringComparison.Ordinal))
        {
            names.Add(NameAt(template, at).Name);
        }

        return names;
    }

    /// <param name="template">As it is in the list.</param>
    /// <param name="model">The model's id.</param>
    /// <param name="environment">Reads a variable; null or empty = not set.</param>
    public static Filled Fill(string template, string model, Func<string, string?> environment)
    {
        var url = new StringBuilder();
        var at = 0;
        while (at < template.Length)
        {
            var next = template.IndexOf('{', at);
            if (next < 0)
            {
                break;
            }

            if (next == 0 || template[next - 1] != '$')
            {
                url.Append(template, at, next - at).Append(Uri.EscapeDataString(model));
                at = template.IndexOf('}', next) + 1;
                continue;
            }

            url.Append(template, at, next - 1 - at);
            var (name, fallback, end) = NameAt(template, next - 1);
            var value = environment(name)?.Trim();
            if (string.IsNullOrEmpty(value))
            {
                value = fallback;
            }

            if (value is null)
            {
                return new(null, name);
            }

            var isInHost = IsInHost(url.ToString());
            if (value is "." or ".." || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' || (!isInHost && c is '_' or '.')))
            {
                return new(null, name, IsUnusable: true);
            }

            url.Append(value);
            at = end;
        }

        return new(url.Append(template, at, template.Length - at).ToString());
    }

    private static bool IsInHost(string start) => start.AsSpan(start.IndexOf("://", StringComparison.Ordinal) + 3).IndexOfAny("/?#") < 0;

    private static (string Name, string? Default, int End) NameAt(string template, int at)
    {
        var end = template.IndexOf('}', at);
        var text = template[(at + 2)..end];
        var fallback = text.IndexOf(":-", StringComparison.Ordinal);
        return fallback < 0 ? (text, null, end + 1) : (text[..fallback], text[(fallback + 2)..], end + 1);
    }
}
