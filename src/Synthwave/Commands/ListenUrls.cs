using System.Collections.Immutable;
using System.Net;

namespace Synthwave.Commands;

/// <summary>Reads <c>--urls</c>: what Kestrel would quietly listen on in another way than said is refused with a reason. Pure.</summary>
internal static class ListenUrls
{
    /// <summary>The addresses, separated by ';', or why they are none.</summary>
    public static (ImmutableArray<string> Urls, string? Problem) Read(string text)
    {
        ImmutableArray<string> urls = [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        return urls.IsEmpty ? (urls, "--urls names no address, for example http://127.0.0.1:8400.") : (urls, urls.Select(Problem).FirstOrDefault(p => p is not null));
    }

    private static string? Problem(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"--urls: '{url}' is no address to listen on, for example http://127.0.0.1:8400.";
        }

        if (string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase))
        {
            return $"--urls: '{url}' asks for TLS, which belongs to a proxy in front of the gateway; listen on http here.";
        }

        if (!string.Equals(address.Scheme, Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase) || address.IsUnixPipe || address.IsNamedPipe)
        {
            return $"--urls: '{url}' is no address the gateway can listen on; only http://host:port is.";
        }

        // A port that is no number stays part of the host.
        if (address.Port > IPEndPoint.MaxPort || (address.Host.Contains(':', StringComparison.Ordinal) && !address.Host.StartsWith('[')))
        {
            return $"--urls: '{url}' has no port from 0 to {IPEndPoint.MaxPort}.";
        }

        return address.PathBase.Length > 0
            ? $"--urls: '{url}' has a path; an address to listen on has none, and a prefix belongs to a proxy in front of the gateway."
            : null;
    }
}
