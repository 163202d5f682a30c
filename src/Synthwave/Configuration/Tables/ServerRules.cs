using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary>What the keys of <c>[server]</c> say about each other.</summary>
internal static class ServerRules
{
    private const int MostForwarded = 32;

    private const string Open = "without a token anyone who reaches the port may call";

    /// <summary>The table with the token's file read.</summary>
    public static ServerConfig Check(SectionReader section, ServerConfig server, Func<string, string?> environment, NamedFiles files)
    {
        CheckForwarded(section, server);
        if (server.HealthProbeTimeout > server.HealthProbeInterval)
        {
            section.Warn(
                section.Has(ServerTable.ProbeTimeout) ? ServerTable.ProbeTimeout : ServerTable.ProbeInterval,
                "a health probe may take longer than the time between two probes");
        }

        server = AdminTokenRules.Check(section, CheckTokens(section, server, environment, files), environment, files);
        if (server is { ProtectMetrics: true, BearerToken: null, BearerTokenEnv: null, BearerTokenFile: null })
        {
            section.Warn(ServerTable.ProtectMetrics, "there is no token to protect the metrics with", "set bearer_token_env");
        }

        return server;
    }

    private static ServerConfig CheckTokens(SectionReader section, ServerConfig server, Func<string, string?> environment, NamedFiles files)
    {
        KeyText.CheckName(section, ServerTable.BearerTokenEnv, environment, isNeeded: true);
        KeyText.CheckName(section, ServerTable.BearerTokenFile, environment, isNeeded: true);
        KeyText.Check(section, ServerTable.BearerToken, server.BearerToken);
        if (server.BearerToken?.Reveal() is { } written && KeyText.Oddity(written) is null && KeyText.Unsendable(written) is { } odd)
        {
            section.Error(ServerTable.BearerToken, odd, "use letters, digits and signs of ASCII");
        }

        // It beats the others, so they would not help.
        if (server.BearerTokenEnv is { } named && environment(named) is { } value && KeyText.Unsendable(value) is { } problem)
        {
            section.Error(ServerTable.BearerTokenEnv, $"names a variable whose value {problem}", "set the variable anew");
        }

        var fileProblem = default(string);
        if (server.BearerTokenFile is { } file)
        {
            (file, fileProblem) = SecretFiles.Read(file, files);
            if (file.Content is { } content && KeyText.Unsendable(content.Reveal()) is { } unsendable)
            {
                (file, fileProblem) = (file with { Content = null }, $"names a file whose content {unsendable}");
            }

            server = server with { BearerTokenFile = file };
        }

        CheckToken(section, server, fileProblem, environment);
        return server with { TokenIsOff = server is { BearerToken: null, BearerTokenEnv: null, BearerTokenFile: null } && IsWrittenEmpty(section, ServerTable.BearerToken) };
    }

    // Of text; what is no text has been refused already.
    private static bool IsWrittenEmpty(SectionReader section, ConfigKey key) =>
        section.Table.Find(key.Name)?.Value is TomlString { Value: var text } && string.IsNullOrWhiteSpace(text);

    /// <summary>A token that is named and not there is a warning beside another one. Alone it is an error: what was to be closed must not be open.</summary>
    private static void CheckToken(SectionReader section, ServerConfig server, string? fileProblem, Func<string, string?> environment)
    {
        var hasVariable = server.BearerTokenEnv is { } named && !string.IsNullOrWhiteSpace(environment(named));
        var isThere = hasVariable || server.BearerTokenFile?.Content is not null || server.BearerToken is not null;
        if (server.BearerTokenEnv is { } variable && !hasVariable)
        {
            Report(ServerTable.BearerTokenEnv, $"the environment variable {variable} {(environment(variable) is null ? "is not set" : "holds no token")}");
        }

        if (IsWrittenEmpty(section, ServerTable.BearerTokenEnv))
        {
            Report(ServerTable.BearerTokenEnv, "names no variable");
        }

        if (fileProblem is not null)
        {
            Report(ServerTable.BearerTokenFile, fileProblem);
        }

        if (!isThere && server is { BearerTokenEnv: null, BearerTokenFile: null } && IsWrittenEmpty(section, ServerTable.BearerToken))
        {
            if (section.Problems.WrittenAt(section.PositionOf(ServerTable.BearerToken)) is not null)
            {
                Report(ServerTable.BearerToken, "what is written stands for nothing");
            }
            else
            {
                section.Warn(ServerTable.BearerToken, $"is empty, so no token is wanted: {Open}", "remove the key where the gateway is meant to be open, and set a token where it is not");
            }
        }

        void Report(ConfigKey key, string problem)
        {
            if (isThere)
            {
                section.Warn(key, problem, "another token that is given here is used instead");
            }
            else
            {
                section.Error(key, problem, $"put the token there, or remove the key: {Open}");
            }
        }
    }

    private static void CheckForwarded(SectionReader section, ServerConfig server)
    {
        if (server.ForwardHeaders.Length > MostForwarded)
        {
            section.Error(ServerTable.ForwardHeaders, $"names more than {MostForwarded} headers");
        }

        foreach (var name in server.ForwardHeaders)
        {
            if (!HeaderNames.IsName(name))
            {
                section.Error(ServerTable.ForwardHeaders, "holds what is no header name", "names are letters, digits and hyphens");
            }
            else if (!HeaderNames.MayBeForwarded(name))
            {
                section.Error(
                    ServerTable.ForwardHeaders,
                    $"cannot hold {name}: keys, cookies and what belongs to one connection or body are never passed on",
                    "a caller's own key goes to the upstreams that say api_key_from = \"client\"");
            }
        }
    }
}
