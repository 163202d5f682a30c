using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Binding;

/// <summary>What loads, but hardly does what was meant. All of it is warnings.</summary>
internal static class Doubts
{
    // The gateway sets these after the overrides, or they decide what kind of answer it will have to read.
    private static readonly string[] ReservedOverrides =
        ["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "chat_template_kwargs", "x_meta_model"];

    public static void OfUpstream(BoundUpstream bound, Func<string, string?> environment)
    {
        var (upstream, section, _) = bound;
        OfBaseUrl(upstream, section);
        OfCredentials(upstream, section, environment);
        if (upstream.MaxOutput >= upstream.Context && !section.IsBroken)
        {
            section.Warn(UpstreamKeys.MaxOutput, $"leaves no room for a prompt: max_output {upstream.MaxOutput} is not below context {upstream.Context}");
        }

        if (upstream is { ChatTemplateKwargsJson: not null, SupportsThinking: false })
        {
            section.Warn(UpstreamKeys.ChatTemplateKwargs, "is never sent", "it goes with supports_thinking = true");
        }

        if (section.Table.Find(UpstreamKeys.RequestOverrides.Name)?.Value is TomlTable overrides)
        {
            foreach (var entry in overrides.Entries.Where(e => ReservedOverrides.Contains(e.Key)))
            {
                section.Problems.Warn(
                    entry.KeyPosition,
                    $"{section.PathOf(UpstreamKeys.RequestOverrides)}.{entry.Key}",
                    "is the gateway's own to set; overriding it has no effect or breaks answers");
            }
        }
    }

    public static void OfProfile(BoundProfile bound, IReadOnlyList<BoundUpstream> upstreams, TimeSpan requestTimeout)
    {
        if (bound.Config is not { } profile)
        {
            return;
        }

        OfCaps(profile, bound.Section, upstreams);
        switch (profile)
        {
            case MoaProfileConfig moa:
                OfEnsemble(moa, bound.Section, requestTimeout);
                break;
            case CascadeProfileConfig cascade when cascade.AttemptTimeout > requestTimeout:
                bound.Section.Warn(ProfileKeys.AttemptTimeoutSecs, "is longer than server.request_timeout_secs, which ends the request first");
                break;
            case VotingProfileConfig { Aggregation: not VoteAggregation.Weighted, Weights.Count: > 0 }:
                bound.Section.Warn(ProfileKeys.Weights, "has no effect", "weights go with aggregation = \"weighted\"");
                break;
        }
    }

    private static void OfBaseUrl(UpstreamConfig upstream, SectionReader section)
    {
        if (upstream.BaseUrl.Length == 0)
        {
            return;
        }

        if (!Uri.TryCreate(upstream.BaseUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            section.Warn(UpstreamKeys.BaseUrl, "is no absolute http or https URL, so no call can be made", "write it as in http://127.0.0.1:8000/v1");
        }
        else if (upstream.BaseUrl.EndsWith("/chat/completions", StringComparison.Ordinal) || upstream.BaseUrl.EndsWith("/messages", StringComparison.Ordinal))
        {
            section.Warn(UpstreamKeys.BaseUrl, "names one endpoint; the gateway appends that part itself", "end it before, usually with /v1");
        }
    }

    private static void OfCredentials(UpstreamConfig upstream, SectionReader section, Func<string, string?> environment)
    {
        var credentials = upstream.Credentials;
        if (credentials is { ApiKeyEnv: { } keyVariable, ApiKey: null } && string.IsNullOrEmpty(environment(keyVariable)))
        {
            section.Warn(UpstreamKeys.ApiKeyEnv, $"upstream '{upstream.Name}' has no key: the environment variable {keyVariable} is not set");
        }

        if (upstream.Protocol == UpstreamProtocol.Anthropic && credentials.BasicUser is not null)
        {
            section.Warn(UpstreamKeys.BasicAuthUser, "has no effect: protocol \"anthropic\" knows no basic authentication", "use api_key_env");
        }
        else if (credentials is { BasicUser: not null, BasicPass: null, BasicPassEnv: { } passVariable } && string.IsNullOrEmpty(environment(passVariable)))
        {
            section.Warn(UpstreamKeys.BasicAuthPassEnv, $"upstream '{upstream.Name}' has no password: the environment variable {passVariable} is not set");
        }
    }

    private static void OfEnsemble(MoaProfileConfig moa, SectionReader section, TimeSpan requestTimeout)
    {
        if (section.Has(ProfileKeys.GraceSecs) && section.Has(ProfileKeys.Patience))
        {
            section.Warn(ProfileKeys.Patience, "has no effect: grace_secs is a fixed wait");
        }

        if (moa.Grace > requestTimeout)
        {
            section.Warn(ProfileKeys.GraceSecs, "the wait for stragglers is longer than server.request_timeout_secs, which ends the request first");
        }

        if (moa.SynthTimeout >= requestTimeout)
        {
            section.Warn(ProfileKeys.SynthTimeoutSecs, "leaves no time for drafts within server.request_timeout_secs");
        }

        if (moa.SynthesizerFallback is { } fallback && fallback == moa.Synthesizer)
        {
            section.Warn(ProfileKeys.SynthesizerFallback, "is the synthesizer itself");
        }
    }

    private static void OfCaps(ProfileConfig profile, SectionReader section, IReadOnlyList<BoundUpstream> upstreams)
    {
        if (profile.Caps.MaxCostUsd is null)
        {
            return;
        }

        var unpriced = profile.Members.Where(m => upstreams.Any(u => u.Config.Name == m && u.Config.Price is null)).ToList();
        if (unpriced.Count > 0)
        {
            section.Warn(
                ProfileKeys.MaxCostUsd,
                $"every request will be refused: no price is known for {string.Join(", ", unpriced)}",
                "add price = { input = …, output = … }");
        }
    }
}
