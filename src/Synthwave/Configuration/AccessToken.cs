namespace Synthwave.Configuration;

/// <summary>The tokens that must be shown: the clients', and the one of <c>/admin</c>.</summary>
internal static class AccessToken
{
    /// <summary>
    /// The trimmed content of <see cref="ServerConfig.BearerTokenEnv"/> when it has one, else of <see cref="ServerConfig.BearerTokenFile"/>, else
    /// <see cref="ServerConfig.BearerToken"/>; null = none is named and the gateway is open. Empty = one is named that is not there: nothing is it.
    /// </summary>
    public static string? Read(ServerConfig server, Func<string, string?> environment) =>
        Read(server.BearerTokenEnv, server.BearerTokenFile, server.BearerToken, environment);

    /// <summary>The same of the admin token; null = none is named and <c>/admin</c> answers this machine only.</summary>
    public static string? ReadAdmin(ServerConfig server, Func<string, string?> environment) =>
        Read(server.AdminTokenEnv, server.AdminTokenFile, server.AdminToken, environment);

    private static string? Read(string? variable, SecretFile? file, Secret? written, Func<string, string?> environment)
    {
        var token = variable is { } name ? environment(name)?.Trim() : null;
        token = string.IsNullOrEmpty(token) ? file?.Content?.Reveal().Trim() : token;
        token = string.IsNullOrEmpty(token) ? written?.Reveal().Trim() : token;
        return !string.IsNullOrEmpty(token) ? token : variable is null && file is null ? null : "";
    }
}
