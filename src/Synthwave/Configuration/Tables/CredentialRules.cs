using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>Keys and passwords of an upstream that are named and not there, or cannot be what was meant. Nothing of them is shown.</summary>
internal static class CredentialRules
{
    /// <summary>The credentials with their files read. What is missing is a warning: the other upstreams can answer.</summary>
    /// <param name="section">The upstream's table.</param>
    /// <param name="upstream">What was read of it.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    /// <param name="files">Where files are found.</param>
    /// <param name="hasKnownKey">Whether the variable is the provider's: what is to be said of it is said for all of its upstreams together.</param>
    public static UpstreamCredentials Check(SectionReader section, UpstreamConfig upstream, Func<string, string?> environment, NamedFiles files, bool hasKnownKey)
    {
        KeyText.CheckName(section, UpstreamTable.ApiKeyEnv, environment);
        KeyText.CheckName(section, UpstreamTable.BasicAuthPassEnv, environment);
        KeyText.Check(section, UpstreamTable.ApiKey, upstream.Credentials.ApiKey);
        KeyText.CheckVariable(section, UpstreamTable.ApiKeyEnv, upstream.Credentials.ApiKeyEnv is { } named ? environment(named) : null);
        var credentials = upstream.Credentials with
        {
            ApiKeyFile = Read(section, UpstreamTable.ApiKeyFile, upstream.Credentials.ApiKeyFile, environment, files),
            BasicPassFile = Read(section, UpstreamTable.BasicAuthPassFile, upstream.Credentials.BasicPassFile, environment, files),
        };
        if (credentials is { ApiKey: null, ApiKeyEnv: null, ApiKeyFile: null } && section.Problems.WrittenAt(section.PositionOf(UpstreamTable.ApiKey)) is not null)
        {
            section.Warn(UpstreamTable.ApiKey, $"upstream '{upstream.Name}' has no key: what is written stands for nothing", "set the variable");
        }

        if (!hasKnownKey && credentials is { ApiKeyEnv: { } keyVariable, ApiKey: null, ApiKeyFile: null } && string.IsNullOrEmpty(environment(keyVariable)))
        {
            section.Warn(UpstreamTable.ApiKeyEnv, $"upstream '{upstream.Name}' has no key: the environment variable {keyVariable} is not set");
        }

        if (upstream.Protocol == UpstreamProtocol.Anthropic && credentials.BasicUser is not null)
        {
            section.Warn(UpstreamTable.BasicAuthUser, "has no effect: protocol \"anthropic\" knows no basic authentication", "use api_key_env");
        }
        else if (credentials is { BasicUser: not null, BasicPass: null, BasicPassEnv: { } passVariable } && string.IsNullOrEmpty(environment(passVariable)))
        {
            section.Warn(UpstreamTable.BasicAuthPassEnv, $"upstream '{upstream.Name}' has no password: the environment variable {passVariable} is not set");
        }

        return credentials;
    }

    private static SecretFile? Read(SectionReader section, ConfigKey key, SecretFile? named, Func<string, string?> environment, NamedFiles files)
    {
        if (named is null)
        {
            return null;
        }

        KeyText.CheckName(section, key, environment);
        var (file, problem) = SecretFiles.Read(named, files);
        if (problem is not null)
        {
            section.Warn(key, problem, "a relative path starts at the directory of the configuration; the file is read again when it changes");
        }

        return file;
    }
}
