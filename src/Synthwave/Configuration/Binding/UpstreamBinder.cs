using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Binding;

/// <summary><c>[upstreams.x]</c>: values, ranges and the rules within one upstream.</summary>
internal static class UpstreamBinder
{
    private static readonly string[] ProxySchemes = ["http", "https", "socks4", "socks4a", "socks5"];

    public static BoundUpstream Bind(string name, SectionReader section)
    {
        section.RefuseUnknownKeys(UpstreamKeys.Schema);
        RefuseMixedCredentials(section);
        var protocol = section.Read(UpstreamKeys.Protocol, UpstreamProtocol.OpenAi);
        RefuseForeignOptions(section, protocol);

        var upstream = new UpstreamConfig
        {
            Name = name,
            ModelId = section.Require(UpstreamKeys.ModelId, ""),
            BaseUrl = section.Require(UpstreamKeys.BaseUrl, "").TrimEnd('/'),
            Context = section.Require(UpstreamKeys.Context, 1),
            MaxOutput = section.Require(UpstreamKeys.MaxOutput, 1),
            Protocol = protocol,
        };
        return new BoundUpstream(
            upstream with
            {
                SupportsThinking = section.Read(UpstreamKeys.SupportsThinking, upstream.SupportsThinking),
                ChatTemplateKwargsJson = section.Section(UpstreamKeys.ChatTemplateKwargs) is { } kwargs ? JsonSetting.Object(kwargs) : null,
                RequiresLeadingSystemOnly = section.Read(UpstreamKeys.RequiresLeadingSystemOnly, upstream.RequiresLeadingSystemOnly),
                RequestOverrides = section.Section(UpstreamKeys.RequestOverrides) is { } overrides ? [.. JsonSetting.Members(overrides)] : [],
                Modalities = BindModalities(section),
                SupportsFunctionCalling = section.Read(UpstreamKeys.SupportsFunctionCalling, upstream.SupportsFunctionCalling),
                OpenAi = section.Section(UpstreamKeys.OpenAi) is { } openAi ? BindOpenAi(openAi, section) : null,
                Anthropic = section.Section(UpstreamKeys.Anthropic) is { } anthropic ? BindAnthropic(anthropic, section) : null,
                Credentials = BindCredentials(section),
                Retries = section.Read(UpstreamKeys.Retries, upstream.Retries),
                ConnectTimeout = section.Read(UpstreamKeys.ConnectTimeout, upstream.ConnectTimeout),
                FirstByteTimeout = section.Optional(UpstreamKeys.FirstByteTimeout),
                IdleTimeout = section.Read(UpstreamKeys.IdleTimeout, upstream.IdleTimeout),
                MaxConcurrency = section.Optional(UpstreamKeys.MaxConcurrency),
                Headers = BindHeaders(section),
                StripReasoning = section.Read(UpstreamKeys.StripReasoning, upstream.StripReasoning),
                StreamUsage = section.Read(UpstreamKeys.StreamUsage, upstream.StreamUsage),
                Proxy = BindProxy(section, upstream.Proxy),
                Price = BindPrice(section),
                Hedge = BindHedge(section, out var hedgeTarget),
            },
            section,
            hedgeTarget);
    }

    /// <summary>Presence counts, not content: an empty key beside basic credentials is refused too.</summary>
    private static void RefuseMixedCredentials(SectionReader section)
    {
        var hasUser = section.Has(UpstreamKeys.BasicAuthUser);
        var hasPass = section.Has(UpstreamKeys.BasicAuthPass);
        var hasPassEnv = section.Has(UpstreamKeys.BasicAuthPassEnv);
        var firstBasic = hasUser ? UpstreamKeys.BasicAuthUser : hasPass ? UpstreamKeys.BasicAuthPass : UpstreamKeys.BasicAuthPassEnv;
        if ((section.Has(UpstreamKeys.ApiKey) || section.Has(UpstreamKeys.ApiKeyEnv)) && (hasUser || hasPass || hasPassEnv))
        {
            section.Error(firstBasic, "an upstream has either an API key or basic authentication, not both");
        }

        if (hasUser != (hasPass || hasPassEnv))
        {
            section.Error(
                firstBasic,
                hasUser ? "basic authentication has a user but no password" : "basic authentication has a password but no user",
                hasUser ? "add basic_auth_pass_env" : "add basic_auth_user");
        }

        if (hasPass && hasPassEnv)
        {
            section.Error(UpstreamKeys.BasicAuthPassEnv, "the password is given twice", "keep basic_auth_pass_env and remove basic_auth_pass");
        }
    }

    private static void RefuseForeignOptions(SectionReader section, UpstreamProtocol protocol)
    {
        var foreign = protocol == UpstreamProtocol.OpenAi ? UpstreamKeys.Anthropic : UpstreamKeys.OpenAi;
        if (section.Has(foreign))
        {
            var written = protocol == UpstreamProtocol.OpenAi ? "openai" : "anthropic";
            section.Error(foreign, $"does not go with protocol \"{written}\"", $"set protocol = \"{foreign.Name}\" or remove the table");
        }
    }

    private static Modalities BindModalities(SectionReader section)
    {
        if (section.Items(UpstreamKeys.Modalities) is not { } items)
        {
            return Modalities.Text;
        }

        var modalities = Modalities.None;
        for (var i = 0; i < items.Count; i++)
        {
            var path = section.ItemPath(UpstreamKeys.Modalities, i);
            if (!section.TryRead(UpstreamKeys.Modality, items[i], path, out var modality))
            {
                continue;
            }

            if (modalities.HasFlag(modality))
            {
                section.ErrorAt(items[i].Position, path, $"is a duplicate of \"{((TomlString)items[i]).Value}\"");
            }

            modalities |= modality;
        }

        if (!modalities.HasFlag(Modalities.Text))
        {
            section.Error(UpstreamKeys.Modalities, "must contain \"text\"", "every model reads text; the others are text, image, video, audio");
        }

        return modalities;
    }

    private static OpenAiOptions BindOpenAi(SectionReader section, SectionReader upstream)
    {
        var defaults = new OpenAiOptions();
        var options = new OpenAiOptions
        {
            ReasoningEffort = section.OptionalText(UpstreamKeys.ReasoningEffort),
            MaxTokensParam = section.Read(UpstreamKeys.MaxTokensParam, defaults.MaxTokensParam),
            MaxTokensParamIsExplicit = section.Has(UpstreamKeys.MaxTokensParam),
            DropParams = [.. (section.TextList(UpstreamKeys.DropParams) ?? []).Select(p => p.Name)],
            DeveloperRole = section.Read(UpstreamKeys.DeveloperRole, defaults.DeveloperRole),
        };
        return Checked(options, section, upstream);
    }

    private static AnthropicOptions BindAnthropic(SectionReader section, SectionReader upstream)
    {
        var options = new AnthropicOptions
        {
            Version = section.Read(UpstreamKeys.Version, new AnthropicOptions().Version),
            Thinking = section.OptionalText(UpstreamKeys.Thinking),
            Effort = section.OptionalText(UpstreamKeys.Effort),
            BudgetTokens = section.Optional(UpstreamKeys.BudgetTokens),
            PromptCache = section.Read(UpstreamKeys.PromptCache, new AnthropicOptions().PromptCache),
            DropParams = [.. (section.TextList(UpstreamKeys.DropParams) ?? []).Select(p => p.Name)],
        };
        if (options is { Effort: not null, Thinking: not "adaptive" })
        {
            section.Warn(UpstreamKeys.Effort, "has no effect", "effort goes with thinking = \"adaptive\"");
        }

        if (options is { BudgetTokens: not null, Thinking: not "enabled" })
        {
            section.Warn(UpstreamKeys.BudgetTokens, "has no effect", "budget_tokens goes with thinking = \"enabled\"");
        }

        return Checked(options, section, upstream);
    }

    private static UpstreamCredentials BindCredentials(SectionReader section) => new()
    {
        ApiKey = NotEmpty(section.OptionalText(UpstreamKeys.ApiKey)) is { } key ? new Secret(key) : null,
        ApiKeyEnv = NotEmpty(section.OptionalText(UpstreamKeys.ApiKeyEnv)),
        BasicUser = section.OptionalText(UpstreamKeys.BasicAuthUser),
        BasicPass = section.OptionalText(UpstreamKeys.BasicAuthPass) is { } pass ? new Secret(pass) : null,
        BasicPassEnv = section.OptionalText(UpstreamKeys.BasicAuthPassEnv),
    };

    private static FrozenDictionary<string, Secret> BindHeaders(SectionReader section)
    {
        var headers = new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase);
        if (section.Section(UpstreamKeys.Headers) is not { } table)
        {
            return FrozenDictionary<string, Secret>.Empty;
        }

        foreach (var entry in table.Table.Entries)
        {
            var path = table.PathOf(entry.Key);
            if (HeaderNameProblem(entry.Key) is { } problem)
            {
                section.ErrorAt(entry.KeyPosition, path, problem);
            }
            else if (entry.Value is not TomlString { Value: var value } || value.Any(c => c is < ' ' or > '~'))
            {
                section.ErrorAt(entry.Value.Position, path, "must be a string of printable ASCII characters");
            }
            else if (!headers.TryAdd(entry.Key, new Secret(value)))
            {
                section.ErrorAt(entry.KeyPosition, path, "is a duplicate: header names ignore case");
            }
        }

        return headers.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static string? HeaderNameProblem(string name)
    {
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
        {
            return "is no header name";
        }

        var lower = name.ToLowerInvariant();
        return lower is "host" or "transfer-encoding" or "connection" || lower.StartsWith("content-", StringComparison.Ordinal)
            ? "is set by the gateway itself (host, content-*, transfer-encoding and connection cannot be configured)"
            : null;
    }

    private static string BindProxy(SectionReader section, string fallback)
    {
        var proxy = section.Read(UpstreamKeys.Proxy, fallback);
        if (proxy is "env" or "none" || (Uri.TryCreate(proxy, UriKind.Absolute, out var uri) && ProxySchemes.Contains(uri.Scheme) && uri.Host.Length > 0))
        {
            return proxy;
        }

        var starts = string.Join(", ", ProxySchemes.Select(s => $"{s}://"));
        section.Error(UpstreamKeys.Proxy, "must be \"env\", \"none\" or an absolute URL", $"URLs start with {starts}");
        return fallback;
    }

    private static PriceConfig? BindPrice(SectionReader upstream) =>
        upstream.Section(UpstreamKeys.Price) is not { } section
            ? null
            : Checked(
                new PriceConfig(
                    section.Require(UpstreamKeys.InputPrice, 0),
                    section.Require(UpstreamKeys.OutputPrice, 0),
                    section.Optional(UpstreamKeys.CachedInputPrice)),
                section,
                upstream);

    private static HedgeConfig? BindHedge(SectionReader upstream, out NamedEntry? target)
    {
        target = null;
        if (upstream.Section(UpstreamKeys.Hedge) is not { } section)
        {
            return null;
        }

        var hedge = new HedgeConfig
        {
            After = section.Read(UpstreamKeys.HedgeAfter, null),
            Budget = section.Read(UpstreamKeys.HedgeBudget, new HedgeConfig().Budget),
            With = section.OptionalText(UpstreamKeys.HedgeWith),
        };
        if (hedge.With is { } with)
        {
            target = new NamedEntry(with, section.PositionOf(UpstreamKeys.HedgeWith), section.PathOf(UpstreamKeys.HedgeWith));
        }

        return Checked(hedge, section, upstream);
    }

    /// <summary>What is broken in a sub-table is broken in the upstream.</summary>
    private static T Checked<T>(T value, SectionReader section, SectionReader upstream)
    {
        if (section.IsBroken)
        {
            upstream.MarkBroken();
        }

        return value;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
