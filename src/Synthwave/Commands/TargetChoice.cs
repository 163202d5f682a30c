using Synthwave.Commands.Admin;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.Commands;

/// <summary>Finds the gateway that a verb asks.</summary>
internal static class TargetChoice
{
    /// <summary>
    /// The gateway of the command line, else that of the configuration file. The file's own token is shown only to the gateway of that file: an address somebody was given
    /// is not to learn it.
    /// </summary>
    /// <param name="url">From the command line; null = not said.</param>
    /// <param name="tokenEnv">From the command line; null = not said.</param>
    /// <param name="configPath">From the command line; null = not said.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static (AdminTarget? Target, string? Problem) Find(string? url, string? tokenEnv, string? configPath, Func<string, string?> environment)
    {
        var token = environment(tokenEnv ?? AdminTarget.TokenVariable)?.Trim();
        if (tokenEnv is not null && string.IsNullOrEmpty(token))
        {
            return (null, $"--token-env: the environment variable {tokenEnv} is not set or holds no token.");
        }

        var location = url is null ? ConfigLocator.Locate(configPath, environment, Directory.GetCurrentDirectory()) : null;
        if (location?.Problem is { Key.Length: > 0 } missing)
        {
            // A file that somebody named and that is not there: the usual address could be another gateway's.
            return (null, missing.ToString());
        }

        var path = location?.Path;
        url ??= ServedAddress.Base(path, environment);
        if (!Uri.TryCreate(url.TrimEnd('/'), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return (null, $"'{url}' is no http or https URL.");
        }

        if (string.IsNullOrEmpty(token) && path is not null && ConfigLoader.Load(path, environment).Config is { } config)
        {
            token = AccessToken.ReadAdmin(config.Server, environment);
        }

        return (new AdminTarget(address, string.IsNullOrEmpty(token) ? null : token), null);
    }
}
