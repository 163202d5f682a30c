using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>What the keys of <c>[upstreams.x]</c> say about each other.</summary>
internal static class UpstreamRules
{
    private static readonly string[] ProxySchemes = ["http", "https", "socks4", "socks4a", "socks5"];

    public static void Check(SectionReader section, UpstreamConfig upstream)
    {
        RefuseMixedCredentials(section);
        RefuseOwnKeyBesideCallers(section, upstream);
        RefuseForeignOptions(section, upstream.Protocol);
        CheckProxy(section, upstream.Proxy);
        if (section.Has(UpstreamTable.Anthropic) && upstream.Anthropic is { } anthropic)
        {
            WarnOfIdleThinking(section.Inner(UpstreamTable.Anthropic), anthropic);
        }
    }

    /// <summary>Presence counts, not content: an empty key beside basic credentials is refused too.</summary>
    private static void RefuseMixedCredentials(SectionReader section)
    {
        var hasUser = section.Has(UpstreamTable.BasicAuthUser);
        var hasPass = section.Has(UpstreamTable.BasicAuthPass);
        var hasPassEnv = section.Has(UpstreamTable.BasicAuthPassEnv);
        var hasPassFile = section.Has(UpstreamTable.BasicAuthPassFile);
        ConfigKey firstPass = hasPass ? UpstreamTable.BasicAuthPass : hasPassEnv ? UpstreamTable.BasicAuthPassEnv : UpstreamTable.BasicAuthPassFile;
        ConfigKey firstBasic = hasUser ? UpstreamTable.BasicAuthUser : firstPass;
        if ((section.Has(UpstreamTable.ApiKey) || section.Has(UpstreamTable.ApiKeyEnv) || section.Has(UpstreamTable.ApiKeyFile)) && section.Has(firstBasic))
        {
            section.Error(firstBasic, "an upstream has either an API key or basic authentication, not both");
        }

        if (hasUser != section.Has(firstPass))
        {
            section.Error(
                firstBasic,
                hasUser ? "basic authentication has a user but no password" : "basic authentication has a password but no user",
                hasUser ? "add basic_auth_pass_env" : "add basic_auth_user");
        }

        if (hasPassFile && (hasPass || hasPassEnv))
        {
            section.Error(UpstreamTable.BasicAuthPassFile, "the password is given twice", $"keep basic_auth_pass_file and remove {firstPass.Name}");
        }
        else if (hasPass && hasPassEnv)
        {
            section.Error(UpstreamTable.BasicAuthPassEnv, "the password is given twice", "keep basic_auth_pass_env and remove basic_auth_pass");
        }
    }

    private static void RefuseOwnKeyBesideCallers(SectionReader section, UpstreamConfig upstream)
    {
        if (!section.Has(UpstreamTable.ApiKeyFrom))
        {
            return;
        }

        ConfigKey[] own =
        [
            UpstreamTable.ApiKey, UpstreamTable.ApiKeyEnv, UpstreamTable.ApiKeyFile,
            UpstreamTable.BasicAuthUser, UpstreamTable.BasicAuthPass, UpstreamTable.BasicAuthPassEnv, UpstreamTable.BasicAuthPassFile,
        ];
        if (Array.Find(own, section.Has) is { } key)
        {
            section.Error(UpstreamTable.ApiKeyFrom, "an upstream has either the caller's key or credentials of its own, not both", $"remove {key.Name} or api_key_from");
        }

        if (upstream.Headers.Keys.FirstOrDefault(HeaderNames.CarriesKey) is { } header)
        {
            section.Error(UpstreamTable.ApiKeyFrom, $"the header {header} would go instead of the caller's key", "remove it from headers");
        }
    }

    private static void RefuseForeignOptions(SectionReader section, UpstreamProtocol protocol)
    {
        var foreign = protocol == UpstreamProtocol.OpenAi ? UpstreamTable.Anthropic : UpstreamTable.OpenAi;
        if (section.Has(foreign))
        {
            var written = protocol == UpstreamProtocol.OpenAi ? "openai" : "anthropic";
            section.Error(foreign, $"does not go with protocol \"{written}\"", $"set protocol = \"{foreign.Name}\" or remove the table");
        }
    }

    private static void CheckProxy(SectionReader section, string proxy)
    {
        if (proxy is "env" or "none" || (Uri.TryCreate(proxy, UriKind.Absolute, out var uri) && ProxySchemes.Contains(uri.Scheme) && uri.Host.Length > 0))
        {
            return;
        }

        var starts = string.Join(", ", ProxySchemes.Select(s => $"{s}://"));
        section.Error(UpstreamTable.Proxy, "must be \"env\", \"none\" or an absolute URL", $"URLs start with {starts}");
    }

    private static void WarnOfIdleThinking(SectionReader section, AnthropicOptions options)
    {
        if (options is { Effort: not null, Thinking: not "adaptive" })
        {
            section.Warn(UpstreamOptionTables.Effort, "has no effect", "effort goes with thinking = \"adaptive\"");
        }

        if (options is { BudgetTokens: not null, Thinking: not "enabled" })
        {
            section.Warn(UpstreamOptionTables.BudgetTokens, "has no effect", "budget_tokens goes with thinking = \"enabled\"");
        }
    }
}
