using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>What the keys of the admin token say. Whatever is wrong with it is an error where no other one is given: what was to be closed must not be open.</summary>
internal static class AdminTokenRules
{
    /// <summary>The table with the admin token's file read.</summary>
    public static ServerConfig Check(SectionReader section, ServerConfig server, Func<string, string?> environment, NamedFiles files)
    {
        KeyText.CheckName(section, ServerTable.AdminTokenEnv, environment, isNeeded: true);
        KeyText.CheckName(section, ServerTable.AdminTokenFile, environment, isNeeded: true);
        KeyText.Check(section, ServerTable.AdminToken, server.AdminToken);
        if (server.AdminToken?.Reveal() is { } written && KeyText.Oddity(written) is null && KeyText.Unsendable(written) is { } odd)
        {
            section.Error(ServerTable.AdminToken, odd, "use letters, digits and signs of ASCII");
        }

        var fileProblem = default(string);
        if (server.AdminTokenFile is { } file)
        {
            (file, fileProblem) = SecretFiles.Read(file, files);
            if (file.Content is { } content && KeyText.Unsendable(content.Reveal()) is { } unsendable)
            {
                (file, fileProblem) = (file with { Content = null }, $"names a file whose content {unsendable}");
            }

            server = server with { AdminTokenFile = file };
        }

        var value = server.AdminTokenEnv is { } named ? environment(named) : null;
        if (value is not null && KeyText.Unsendable(value) is { } problem)
        {
            section.Error(ServerTable.AdminTokenEnv, $"names a variable whose value {problem}", "set the variable anew");
        }

        var isThere = AccessToken.ReadAdmin(server, environment) is { Length: > 0 };
        if (server.AdminTokenEnv is { } variable && string.IsNullOrWhiteSpace(value))
        {
            Report(ServerTable.AdminTokenEnv, $"the environment variable {variable} {(value is null ? "is not set" : "holds no token")}");
        }

        if (fileProblem is not null)
        {
            Report(ServerTable.AdminTokenFile, fileProblem);
        }

        // The effective configuration shows all secrets alike.
        if (isThere && AccessToken.ReadAdmin(server, environment) is not SecretKey.Hidden and var token && string.Equals(token, AccessToken.Read(server, environment), StringComparison.Ordinal))
        {
            section.Error(FirstOf(section), "is the token that clients show, which must not open /admin", "give /admin a token of its own");
        }

        return server;

        void Report(ConfigKey key, string what)
        {
            if (isThere)
            {
                section.Warn(key, what, "another admin token that is given here is used instead");
            }
            else
            {
                section.Error(key, what, "put the token there, or remove the key: /admin then answers this machine only");
            }
        }
    }

    private static ConfigKey FirstOf(SectionReader section) =>
        section.Has(ServerTable.AdminTokenEnv) ? ServerTable.AdminTokenEnv : section.Has(ServerTable.AdminTokenFile) ? ServerTable.AdminTokenFile : ServerTable.AdminToken;
}
