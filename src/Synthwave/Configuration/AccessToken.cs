namespace Synthwave.Configuration;

/// <summary>The token clients must show.</summary>
internal static class AccessToken
{
    /// <summary>
    /// The trimmed content of <see cref="ServerConfig.BearerTokenEnv"/> when it has one, else <see cref="ServerConfig.BearerToken"/>; null = none is set and
    /// the gateway is open.
    /// </summary>
    public static string? Read(ServerConfig server, Func<string, string?> environment)
    {
        var token = server.BearerTokenEnv is { } name ? environment(name)?.Trim() : null;
        token = string.IsNullOrEmpty(token) ? server.BearerToken?.Reveal().Trim() : token;
        return string.IsNullOrEmpty(token) ? null : token;
    }
}
