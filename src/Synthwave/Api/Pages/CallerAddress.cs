using System.Buffers;
using System.Globalization;

namespace Synthwave.Api.Pages;

/// <summary>The gateway's address as its caller knows it, for commands that are shown to that caller and to nobody else.</summary>
internal static class CallerAddress
{
    private static readonly SearchValues<char> OfHosts = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");
    private static readonly SearchValues<char> OfPaths = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~/%");

    /// <summary>
    /// Scheme, host, port and prefix, without a slash at the end. It consists of characters that mean nothing to shells and to HTML: where the request's host has others, the
    /// address it came in by stands instead, and a prefix that has others is left out.
    /// </summary>
    public static string Of(HttpContext context)
    {
        var host = context.Request.Host.Value;
        if (string.IsNullOrEmpty(host) || host.Length > 300 || host.AsSpan().ContainsAnyExcept(OfHosts))
        {
            host = "127.0.0.1:" + context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        }

        // A proxy in front that speaks TLS says so; the header decides nothing but these words.
        var isSecure = context.Request.IsHttps || context.Request.Headers["X-Forwarded-Proto"] is ["https"];
        var prefix = context.Request.PathBase.ToUriComponent();
        return (isSecure ? "https://" : "http://") + host + (prefix.AsSpan().ContainsAnyExcept(OfPaths) ? "" : prefix.TrimEnd('/'));
    }
}
