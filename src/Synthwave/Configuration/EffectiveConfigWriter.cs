using System.Text.Json;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration;

/// <summary>
/// The configuration as it is in force: valid TOML with every default filled in and every secret as <c>***</c>. Loading it again gives
/// an equivalent configuration, secrets apart. Keys that are off when absent stay absent.
/// </summary>
internal static class EffectiveConfigWriter
{
    private const string Hidden = "***";

    private const long MiB = 1024 * 1024;

    public static string Write(GatewayConfig config)
    {
        var root = new TomlTable();
        root.Add(ConfigSchema.Server.Name, Server(config.Server));
        root.Add(ConfigSchema.Features.Name, new TomlTable().Set(ServerKeys.Voting, config.VotingEnabled));
        root.Add(ConfigSchema.Upstreams.Name, Named(config.Upstreams.Select(u => (u.Name, Upstream(u)))));
        root.Add(ConfigSchema.Profiles.Name, Named(config.Profiles.Select(p => (p.Name, Profile(p)))));
        root.Add(ConfigSchema.Vision.Name, Vision(config.Vision));
        root.Add(ConfigSchema.Video.Name, Endpoints(config.Video));
        root.Add(ConfigSchema.Audio.Name, Endpoints(config.Audio));
        return TomlWriter.Write(root);
    }

    private static TomlTable Server(ServerConfig server) => new TomlTable()
        .Set(ServerKeys.Host, server.Host)
        .Set(ServerKeys.Port, server.Port)
        .Set(ServerKeys.LogLevel, server.LogLevel)
        .Set(ServerKeys.Format, server.LogFormat)
        .Set(ServerKeys.RequestTimeout, server.RequestTimeout)
        .Set(ServerKeys.StreamHeadGrace, server.StreamHeadGrace)
        .Set(ServerKeys.Heartbeat, server.Heartbeat)
        .Set(ServerKeys.MaxStream, server.MaxStream)
        .Set(ServerKeys.MaxBody, (int)(server.MaxBodyBytes / MiB))
        .Set(ServerKeys.MaxReply, (int)(server.MaxReplyBytes / MiB))
        .Set(ServerKeys.MaxMediaParts, server.MaxMediaParts)
        .Set(ServerKeys.MaxMedia, (int)(server.MaxMediaBytes / MiB))
        .Set(ServerKeys.ResponseStore, (int)(server.ResponseStoreBytes / MiB))
        .Set(ServerKeys.ResponseTtl, server.ResponseTtl)
        .Set(ServerKeys.MaxConcurrentRequests, server.MaxConcurrentRequests)
        .Set(ServerKeys.ShutdownGrace, server.ShutdownGrace)
        .SetSecret(ServerKeys.BearerToken, server.BearerToken)
        .SetText(ServerKeys.BearerTokenEnv, server.BearerTokenEnv)
        .Set(ServerKeys.ProtectMetrics, server.ProtectMetrics)
        .SetList(ServerKeys.CorsAllowOrigins, server.CorsAllowOrigins)
        .Set(ServerKeys.ProbeInterval, server.HealthProbeInterval)
        .Set(ServerKeys.ProbeTimeout, server.HealthProbeTimeout)
        .Set(ServerKeys.Policy, server.HealthPolicy)
        .SetText(ServerKeys.ModelName, server.ModelName)
        .SetText(ServerKeys.ModelNameProfile, server.ModelNameProfile)
        .SetText(ServerKeys.SystemPrompt, server.SystemPrompt);

    private static TomlTable Upstream(UpstreamConfig upstream)
    {
        var table = new TomlTable()
            .Set(UpstreamKeys.ModelId, upstream.ModelId)
            .Set(UpstreamKeys.BaseUrl, WithoutCredentials(upstream.BaseUrl))
            .Set(UpstreamKeys.Context, upstream.Context)
            .Set(UpstreamKeys.MaxOutput, upstream.MaxOutput)
            .Set(UpstreamKeys.Protocol, upstream.Protocol)
            .SetSecret(UpstreamKeys.ApiKey, upstream.Credentials.ApiKey)
            .SetText(UpstreamKeys.ApiKeyEnv, upstream.Credentials.ApiKeyEnv)
            .SetText(UpstreamKeys.BasicAuthUser, upstream.Credentials.BasicUser)
            .SetSecret(UpstreamKeys.BasicAuthPass, upstream.Credentials.BasicPass)
            .SetText(UpstreamKeys.BasicAuthPassEnv, upstream.Credentials.BasicPassEnv)
            .SetList(UpstreamKeys.Modalities, ModalityWords(upstream.Modalities))
            .Set(UpstreamKeys.SupportsFunctionCalling, upstream.SupportsFunctionCalling)
            .Set(UpstreamKeys.SupportsThinking, upstream.SupportsThinking)
            .Set(UpstreamKeys.RequiresLeadingSystemOnly, upstream.RequiresLeadingSystemOnly)
            .Set(UpstreamKeys.StripReasoning, upstream.StripReasoning)
            .Set(UpstreamKeys.StreamUsage, upstream.StreamUsage)
            .Set(UpstreamKeys.Retries, upstream.Retries)
            .Set(UpstreamKeys.ConnectTimeout, upstream.ConnectTimeout)
            .SetValue(UpstreamKeys.FirstByteTimeout, upstream.FirstByteTimeout)
            .Set(UpstreamKeys.IdleTimeout, upstream.IdleTimeout)
            .SetValue(UpstreamKeys.MaxConcurrency, upstream.MaxConcurrency)
            .Set(UpstreamKeys.Proxy, WithoutCredentials(upstream.Proxy));
        if (upstream.ChatTemplateKwargsJson is { } kwargs)
        {
            table.Add(UpstreamKeys.ChatTemplateKwargs.Name, FromJson(kwargs));
        }

        if (!upstream.RequestOverrides.IsEmpty)
        {
            table.Add(UpstreamKeys.RequestOverrides.Name, Named(upstream.RequestOverrides.Select(o => (o.Key, FromJson(o.Value)))));
        }

        if (upstream.Headers.Count > 0)
        {
            var names = upstream.Headers.Keys.Order(StringComparer.Ordinal);
            table.Add(UpstreamKeys.Headers.Name, Named(names.Select(n => (n, (TomlValue)new TomlString(Hidden)))));
        }

        AddOptions(table, upstream);
        return table;
    }

    private static void AddOptions(TomlTable table, UpstreamConfig upstream)
    {
        if (upstream.Price is { } price)
        {
            table.Add(UpstreamKeys.Price.Name, new TomlTable()
                .Set(UpstreamKeys.InputPrice, price.Input)
                .Set(UpstreamKeys.OutputPrice, price.Output)
                .SetValue(UpstreamKeys.CachedInputPrice, price.CachedInput));
        }

        if (upstream.Hedge is { } hedge)
        {
            table.Add(UpstreamKeys.Hedge.Name, new TomlTable()
                .Set(UpstreamKeys.HedgeAfter, hedge.After)
                .Set(UpstreamKeys.HedgeBudget, hedge.Budget)
                .SetText(UpstreamKeys.HedgeWith, hedge.With));
        }

        if (upstream.OpenAi is { } openAi)
        {
            // Writing max_tokens_param is a statement of its own, so the default is not written.
            table.Add(UpstreamKeys.OpenAi.Name, new TomlTable()
                .SetText(UpstreamKeys.ReasoningEffort, openAi.ReasoningEffort)
                .SetText(UpstreamKeys.MaxTokensParam, openAi.MaxTokensParamIsExplicit ? openAi.MaxTokensParam : null)
                .SetList(UpstreamKeys.DropParams, openAi.DropParams)
                .SetText(UpstreamKeys.DeveloperRole, openAi.DeveloperRole));
        }

        if (upstream.Anthropic is { } anthropic)
        {
            table.Add(UpstreamKeys.Anthropic.Name, new TomlTable()
                .Set(UpstreamKeys.Version, anthropic.Version)
                .SetText(UpstreamKeys.Thinking, anthropic.Thinking)
                .SetText(UpstreamKeys.Effort, anthropic.Effort)
                .SetValue(UpstreamKeys.BudgetTokens, anthropic.BudgetTokens)
                .SetText(UpstreamKeys.PromptCache, anthropic.PromptCache)
                .SetList(UpstreamKeys.DropParams, anthropic.DropParams));
        }
    }

    private static TomlTable Profile(ProfileConfig profile)
    {
        var table = new TomlTable()
            .Set(ProfileKeys.Type, profile.Type)
            .SetList(ProfileKeys.Aliases, profile.Aliases)
            .Set(ProfileKeys.ExposeReasoning, profile.ExposeReasoning)
            .SetText(ProfileKeys.TokenizerUpstream, profile.TokenizerUpstream)
            .Set(ProfileKeys.Rescue, profile.Rescue)
            .SetValue(ProfileKeys.MaxCalls, profile.Caps.MaxCalls)
            .SetValue(ProfileKeys.MaxCostUsd, profile.Caps.MaxCostUsd)
            .SetValue(ProfileKeys.MaxLatencyMs, (int?)profile.Caps.MaxLatency?.TotalMilliseconds);
        return profile switch
        {
            MoaProfileConfig moa => AddEnsemble(table, moa),
            CascadeProfileConfig cascade => table
                .SetList(ProfileKeys.Upstreams, cascade.Upstreams)
                .Set(ProfileKeys.OnAllFail, cascade.Structured502)
                .SetValue(ProfileKeys.AttemptTimeoutSecs, cascade.AttemptTimeout)
                .Set(ProfileKeys.RotateOnClientError, cascade.RotateOnClientError),
            VotingProfileConfig voting => AddVoting(table, voting),
            _ => table,
        };
    }

    private static TomlTable AddEnsemble(TomlTable table, MoaProfileConfig moa)
    {
        var generators = new TomlArray();
        foreach (var generator in moa.Generators)
        {
            generators.Add(generator is { Samples: 1, Temperature: null }
                ? new TomlString(generator.Upstream)
                : new TomlTable(TomlTableOrigin.Inline)
                    .Set(ProfileKeys.Upstream, generator.Upstream)
                    .Set(ProfileKeys.Samples, generator.Samples)
                    .SetValue(ProfileKeys.Temperature, generator.Temperature));
        }

        table.Add(ProfileKeys.Generators.Name, generators);
        return table
            .Set(ProfileKeys.Synthesizer, moa.Synthesizer)
            .SetText(ProfileKeys.SynthesizerFallback, moa.SynthesizerFallback)
            .Set(ProfileKeys.Mode, moa.Mode)
            .Set(ProfileKeys.GeneratorTemperature, moa.GeneratorTemperature)
            .Set(ProfileKeys.SynthesizerTemperature, moa.SynthesizerTemperature)
            .Set(ProfileKeys.FastpathOnAgreement, moa.FastpathOnAgreement)
            .Set(ProfileKeys.StripTools, moa.StripTools)
            .SetValue(ProfileKeys.AdvertisedContext, moa.AdvertisedContext)
            .Set(ProfileKeys.SynthPromptOverheadTokens, moa.SynthPromptOverheadTokens)
            .Set(ProfileKeys.NonClientSynthReserveTokens, moa.NonClientSynthReserveTokens)
            .SetValue(ProfileKeys.Quorum, moa.Quorum)
            .SetValue(ProfileKeys.GraceSecs, moa.Grace)
            .Set(ProfileKeys.MaxGraceSecs, moa.MaxGrace)
            .Set(ProfileKeys.Patience, moa.Patience)
            .SetValue(ProfileKeys.SynthTimeoutSecs, moa.SynthTimeout)
            .SetText(ProfileKeys.SynthesisPrompt, moa.SynthesisPrompt)
            .Set(ProfileKeys.WithoutFunctionCalling, moa.WithoutFunctions);
    }

    private static TomlTable AddVoting(TomlTable table, VotingProfileConfig voting)
    {
        table
            .SetList(ProfileKeys.Upstreams, voting.Upstreams)
            .Set(ProfileKeys.Aggregation, voting.Aggregation)
            .Set(ProfileKeys.FailureVote, voting.FailureVoteYes)
            .Set(ProfileKeys.Temperature, voting.Temperature)
            .Set(ProfileKeys.MaxTokens, voting.MaxTokens)
            .Set(ProfileKeys.MinVotes, voting.MinVotes)
            .SetValue(ProfileKeys.Tie, voting.TieYes);
        if (voting.Weights.Count > 0)
        {
            var weights = voting.Upstreams.Where(voting.Weights.ContainsKey).Select(u => (u, (TomlValue)new TomlFloat(voting.Weights[u])));
            table.Add(ProfileKeys.Weights.Name, Named(weights));
        }

        return table;
    }

    private static TomlTable Endpoints(ModalityConfig modality) => new TomlTable().SetList(ModalityKeys.Endpoints, modality.Endpoints);

    private static TomlTable Vision(VisionConfig vision) => Endpoints(vision)
        .Set(ModalityKeys.TwoStage, vision.TwoStage)
        .SetText(ModalityKeys.DescribePrompt, vision.DescribePrompt)
        .Set(ModalityKeys.DescribeMaxTokens, vision.DescribeMaxTokens)
        .Set(ModalityKeys.DescribeTemperature, vision.DescribeTemperature)
        .Set(ModalityKeys.DescribeImageCap, vision.DescribeImageCap);

    private static IEnumerable<string> ModalityWords(Modalities modalities) =>
        UpstreamKeys.Modality.Choices.Where(c => modalities.HasFlag(c.Value)).Select(c => c.Word);

    private static TomlTable Named(IEnumerable<(string Name, TomlTable Table)> tables) =>
        Named(tables.Select(t => (t.Name, (TomlValue)t.Table)));

    private static TomlTable Named(IEnumerable<(string Name, TomlValue Value)> entries)
    {
        var parent = new TomlTable();
        foreach (var (name, value) in entries)
        {
            parent.Add(name, value);
        }

        return parent;
    }

    private static TomlValue FromJson(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 2 * TomlReader.MaxDepth });
        return FromJson(document.RootElement);
    }

    private static TomlValue FromJson(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var table = new TomlTable(TomlTableOrigin.Inline);
                foreach (var member in element.EnumerateObject())
                {
                    table.Add(member.Name, FromJson(member.Value));
                }

                return table;
            case JsonValueKind.Array:
                var array = new TomlArray();
                foreach (var item in element.EnumerateArray())
                {
                    array.Add(FromJson(item));
                }

                return array;
            case JsonValueKind.Number:
                var isFloat = element.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');
                return isFloat ? new TomlFloat(element.GetDouble()) : new TomlInteger(element.GetInt64());
            case JsonValueKind.True or JsonValueKind.False:
                return new TomlBoolean(element.GetBoolean());
            default:
                return new TomlString(element.GetString() ?? "");
        }
    }

    /// <summary>A URL may carry a user and a password.</summary>
    private static string WithoutCredentials(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        if (start < 3)
        {
            return url;
        }

        var end = url.AsSpan(start).IndexOfAny('/', '?', '#');
        var at = url.LastIndexOf('@', end < 0 ? url.Length - 1 : start + end - 1);
        return at >= start ? $"{url[..start]}{Hidden}@{url[(at + 1)..]}" : url;
    }

    private static TomlTable Set<T>(this TomlTable table, ConfigKey<T> key, T value)
    {
        table.Add(key.Name, key.Write(value));
        return table;
    }

    private static TomlTable SetValue<T>(this TomlTable table, ConfigKey<T> key, T? value)
        where T : struct =>
        value is { } present ? table.Set(key, present) : table;

    private static TomlTable SetText(this TomlTable table, ConfigKey<string> key, string? value) => value is null ? table : table.Set(key, value);

    private static TomlTable SetSecret(this TomlTable table, TextKey key, Secret? secret) => table.SetText(key, secret is null ? null : Hidden);

    private static TomlTable SetList(this TomlTable table, TextListKey key, IEnumerable<string> values)
    {
        table.Add(key.Name, TextListKey.Write(values));
        return table;
    }
}
