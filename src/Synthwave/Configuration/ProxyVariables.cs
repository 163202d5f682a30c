namespace Synthwave.Configuration;

/// <summary>
/// Which proxy the environment names for a URL: <c>http_proxy</c>, <c>https_proxy</c> by the URL's scheme, else <c>all_proxy</c>, but none for what
/// <c>no_proxy</c> lists. Lower case beats upper case, and an empty variable is none, as curl has it; <c>HTTP_PROXY</c> counts too, since no client's header
/// ever becomes a variable here. Immutable.
/// </summary>
internal sealed class ProxyVariables
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly ProxyExceptions _exceptions;

    private ProxyVariables(Uri? http, Uri? https, ProxyExceptions exceptions) => (_http, _https, _exceptions) = (http, https, exceptions);

    public bool AreSet => (_http ?? _https) is not null;

    public static ProxyVariables Read(Func<string, string?> environment)
    {
        var all = Address("all_proxy");
        return new(Address("http_proxy") ?? all, Address("https_proxy") ?? all, new ProxyExceptions(Value("no_proxy") ?? ""));

        string? Value(string name) => NotEmpty(environment(name)) ?? NotEmpty(environment(name.ToUpperInvariant()));

        Uri? Address(string name) => Value(name) is { } value ? Parse(value) : null;
    }

    /// <summary>Null = it is asked directly.</summary>
    public Uri? For(Uri target) => (target.Scheme == Uri.UriSchemeHttps ? _https : _http) is { } proxy && !_exceptions.Cover(target) ? proxy : null;

    private static string? NotEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    // Without a scheme it is an HTTP proxy. What is called socks5 here leaves names to the proxy, which curl calls socks5h.
    private static Uri? Parse(string value)
    {
        var text = value.StartsWith("socks5h://", StringComparison.OrdinalIgnoreCase) ? "socks5" + value["socks5h".Length..]
            : value.Contains("://", StringComparison.Ordinal) ? value
            : "http://" + value;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5" && uri.Host.Length > 0 ? uri : null;
    }
}
