using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Loading;

/// <summary>What a configuration that loads does not do: names that nobody can call, and members that are too small for what they are given. Pure.</summary>
internal static class ServiceChecks
{
    /// <summary>Whether there is nothing at all to call.</summary>
    public static bool IsEmpty(GatewayConfig config) => config.Upstreams.IsEmpty;

    /// <summary>Warnings with places, in the order of the file's tables.</summary>
    public static ImmutableArray<ConfigProblem> Of(GatewayConfig config)
    {
        if (IsEmpty(config))
        {
            return [Warning(config, "", "defines no upstream, so nothing can be called", "add [upstreams.NAME] with model_id, base_url, context and max_output, or let synthwave init write a file")];
        }

        if (config.Profiles.IsEmpty)
        {
            return
            [
                Warning(
                    config,
                    "",
                    $"defines no profile: no model is listed, and {(config.Upstreams.Length == 1 ? "the upstream is" : "upstreams are")} called by name only",
                    $"add [profiles.NAME] with type = \"cascade\" and upstreams = [\"{config.Upstreams[0].Name}\"]"),
            ];
        }

        return [.. config.Profiles.Select(p => Of(config, p)).OfType<ConfigProblem>()];
    }

    private static ConfigProblem? Of(GatewayConfig config, ProfileConfig profile) => profile switch
    {
        VotingProfileConfig when !config.VotingEnabled =>
            Warning(config, KeyOf(profile), $"voting is switched off, so '{profile.Name}' is neither listed nor can it be called", "write voting = true under [features]"),
        MoaProfileConfig { IsPassthrough: false } moa => OfDrafts(config, moa),
        _ => null,
    };

    /// <summary>Drafts may be as long as their upstreams answer; what does not fit is shortened before it is synthesized.</summary>
    private static ConfigProblem? OfDrafts(GatewayConfig config, MoaProfileConfig moa)
    {
        var synthesizer = config.Upstreams.First(u => u.Name == moa.Synthesizer);
        var room = (long)synthesizer.Context - synthesizer.MaxOutput - moa.SynthPromptOverheadTokens;
        var largest = moa.Generators.Max(g => config.Upstreams.First(u => u.Name == g.Upstream).MaxOutput);
        return largest <= room ? null : Warning(
            config,
            $"{KeyOf(moa)}.{MoaKind.Synthesizer.Name}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"upstream '{synthesizer.Name}' is smaller than one draft: context {synthesizer.Context} − max_output {synthesizer.MaxOutput} − overhead {moa.SynthPromptOverheadTokens} leaves {room} tokens, and a draft may take {largest}"),
            "name a synthesizer with a larger context, or lower the generators' max_output");
    }

    private static string KeyOf(ProfileConfig profile) => $"{ConfigSchema.Profiles.Name}.{TomlWriter.Key(profile.Name)}";

    private static ConfigProblem Warning(GatewayConfig config, string key, string message, string hint)
    {
        var origin = config.Origins.Of(key);
        return new(config.SourcePath ?? origin.Name, origin.Line, origin.Column, key, message, hint, ProblemSeverity.Warning);
    }
}
