using System.Net.Http.Headers;
using System.Text;
using Synthwave.Configuration;
using Synthwave.Providers;

namespace Synthwave.Upstreams.Connections;

/// <summary>The credentials of one call. Variables are read at that moment, so that a rotated key counts from the next call on; files were read with the configuration.</summary>
/// <param name="Key">The API key; null = none.</param>
/// <param name="Basic">User and password joined by a colon; null = none.</param>
internal readonly record struct UpstreamSecrets(Secret? Key, Secret? Basic)
{
    /// <summary>Adds the header that shows the key, or the user and password. A header that is there already, written by hand, wins.</summary>
    public void Show(HttpRequestHeaders headers, KeyScheme scheme)
    {
        var (name, value) = (Key, scheme) switch
        {
            (null, _) => ("Authorization", Basic is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Basic.Reveal()))),
            (_, KeyScheme.Bearer) => ("Authorization", "Bearer " + Key.Reveal()),
            (_, KeyScheme.XApiKey) => ("x-api-key", Key.Reveal()),
            (_, KeyScheme.ApiKey) => ("api-key", Key.Reveal()),
            _ => ("", null),
        };
        if (value is not null && !headers.Contains(name))
        {
            headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>The address with the key in its query, where it is shown so.</summary>
    public Uri Show(Uri address, KeyScheme? scheme) => Key is null || scheme is not KeyScheme.Query ? address
        : new Uri($"{address.AbsoluteUri}{(address.Query.Length == 0 ? '?' : '&')}key={Uri.EscapeDataString(Key.Reveal())}", UriKind.Absolute);

    /// <summary>Null when a variable or file that the credentials depend on is unset or empty, or when the key cannot stand in a header.</summary>
    public static UpstreamSecrets? Read(UpstreamCredentials credentials, Func<string, string?> environment)
    {
        var key = Trimmed(credentials.ApiKeyEnv is { Length: > 0 } name ? environment(name) : null)
            ?? Trimmed(credentials.ApiKeyFile?.Content?.Reveal()) ?? Trimmed(credentials.ApiKey?.Reveal());
        if (key is null && (credentials.ApiKeyEnv is { Length: > 0 } || credentials.ApiKeyFile is not null))
        {
            return null;
        }

        if (key is not null && !IsHeaderText(key))
        {
            return null;
        }

        if (key is not null || credentials.BasicUser is not { } user)
        {
            return new UpstreamSecrets(key is null ? null : new Secret(key), null);
        }

        var password = credentials.BasicPass?.Reveal() ?? credentials.BasicPassFile?.Content?.Reveal() ?? (credentials.BasicPassEnv is { Length: > 0 } pass ? environment(pass) : null);
        return credentials.BasicPass is null && string.IsNullOrEmpty(password) ? null : new UpstreamSecrets(null, new Secret($"{user}:{password}"));
    }

    // A line break at the end of a key is a common slip of files and secret stores, and never part of the key.
    private static string? Trimmed(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static bool IsHeaderText(string value) => value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;
}
