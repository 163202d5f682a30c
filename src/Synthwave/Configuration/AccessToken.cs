namespace Synthwave.Configuration;

/// <summary>The token clients must show.</summary>
internal static class AccessToken
{
    /// <summary>
    /// The trimmed content of <see cref="ServerConfig.BearerTokenEnv"/> when it has one, else of <see cref="ServerConfig.BearerTokenFile"/>, else
    /// <see cref="ServerConfig.BearerToken"/>; null = none is named and the gateway is open. Empty = one is named that is not there: nothing is it.
    /// </summary>
    public static string? Read(ServerConfig server, Func<string, string?> environment)
    {
        var token = server.BearerTokenEnv is { } name ? environment(name)?.Trim() : null;
        token = string.IsNullOrEmpty(token) ? server.BearerTokenFile?.Content?.Reveal().Trim() : token;
        token = string.IsNullOrEmpty(token) ? server.BearerToken?.Reveal().Trim() : token;
        return !string.IsNullOrEmpty(token) ? token : server.BearerTokenEnv is null && server.BearerTokenFile is null ? null : "";
    }
}
