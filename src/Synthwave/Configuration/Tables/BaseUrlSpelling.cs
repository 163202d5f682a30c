using System.Net;
using System.Text.RegularExpressions;

namespace Synthwave.Configuration.Tables;

/// <summary>URLs that are spelled so that only one thing can be meant, but none that can be called. Pure.</summary>
internal static partial class BaseUrlSpelling
{
    /// <summary>What is wrong with a URL and how it is spelled right; null = nothing, or nobody can tell.</summary>
    public static (string Slip, string Right)? Slip(string written)
    {
        var text = written.Trim();
        if (text.Length > 0 && text.Length < written.Length)
        {
            return ("has blanks around it", Slip(text)?.Right ?? text);
        }

        if (Slashes().Match(text) is { Success: true } slashes)
        {
            return ("lacks \"://\" behind its scheme", $"{slashes.Groups["scheme"].Value}://{slashes.Groups["rest"].Value}");
        }

        if (Host().Match(text) is not { Success: true } match)
        {
            return null;
        }

        // A name with a dot is somewhere else, where nobody is called without TLS; a port or an address is next door.
        var name = match.Groups["name"].Value;
        var isNear = match.Groups["port"].Success || name is "localhost" or ['[', ..] || IPAddress.TryParse(name, out _);
        return isNear || name.Contains('.', StringComparison.Ordinal) ? ("lacks its scheme", $"{(isNear ? "http" : "https")}://{text}") : null;
    }

    [GeneratedRegex(@"^(?<scheme>https?)(?::/?|//|;//)(?<rest>[^/:;].*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Slashes();

    [GeneratedRegex(@"^(?<name>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?<port>:[0-9]{1,5})?(?:[/?].*)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Host();
}
