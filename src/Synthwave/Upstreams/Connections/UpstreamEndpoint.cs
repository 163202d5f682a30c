namespace Synthwave.Upstreams.Connections;

/// <summary>A base URL that can be called: absolute, http or https, with a host.</summary>
internal sealed class UpstreamEndpoint
{
    private readonly string _base;
    private readonly string _query;

    private UpstreamEndpoint(string baseUrl, Uri uri)
    {
        // A query (some hosts want an API version there) belongs after the path that is added.
        var query = baseUrl.IndexOf('?', StringComparison.Ordinal);
        _base = (query < 0 ? baseUrl : baseUrl[..query]).TrimEnd('/');
        _query = query < 0 ? "" : baseUrl[query..];
        IsHttps = uri.Scheme == Uri.UriSchemeHttps;
    }

    public bool IsHttps { get; }

    /// <summary>Null = no usable URL.</summary>
    public static UpstreamEndpoint? Parse(string baseUrl) =>
        Uri.TryCreate(baseUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 ? new UpstreamEndpoint(baseUrl, uri) : null;

    /// <summary>The same beside the API: without the version segment <c>/v1</c> at the base URL's end.</summary>
    public Uri BesideVersion(string path) =>
        new((_base.EndsWith("/v1", StringComparison.Ordinal) ? _base[..^"/v1".Length].TrimEnd('/') : _base) + path + _query, UriKind.Absolute);

    /// <summary>A path of the endpoint's host (leading slash, escaped, with a query of its own or none), wherever the API starts.</summary>
    public Uri OnHost(string path) => new(new Uri(_base, UriKind.Absolute).GetLeftPart(UriPartial.Authority) + path, UriKind.Absolute);

    /// <summary>The base URL with <paramref name="path"/> (leading slash, escaped) and a further query (<c>name=value</c>, escaped) appended.</summary>
    public Uri At(string path, string? query = null) =>
        new(_base + path + (query is null ? _query : _query.Length == 0 ? "?" + query : _query + "&" + query), UriKind.Absolute);
}
