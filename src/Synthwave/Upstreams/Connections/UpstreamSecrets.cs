using System.Text;
using Synthwave.Configuration;

namespace Synthwave.Upstreams.Connections;

/// <summary>The credentials of one call. Variables are read at that moment, so that a rotated key counts from the next call on; files were read with the configuration.</summary>
/// <param name="Key">The API key; null = none.</param>
/// <param name="Basic">User and password joined by a colon; null = none.</param>
internal readonly record struct UpstreamSecrets(Secret? Key, Secret? Basic)
{
    /// <summary>The value of <c>Authorization</c> for OpenAI's protocol; null = the header is not sent.</summary>
    public string? Authorization =>
        Key is not null ? "Bearer " + Key.Reveal() :
        Basic is not null ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Basic.Reveal())) :
        null;

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
