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

        return [.. config.Profiles.SelectMany(p => Of(config, p))];
    }

    private static IEnumerable<ConfigProblem> Of(GatewayConfig config, ProfileConfig profile) => profile switch
    {
        VotingProfileConfig when !config.VotingEnabled =>
            [Warning(config, KeyOf(profile), $"voting is switched off, so '{profile.Name}' is neither listed nor can it be called", "write voting = true under [features]")],
        MoaProfileConfig { IsPassthrough: false } moa => OfSynthesis(config, moa),
        _ => [],
    };

    /// <summary>Drafts and history are cut to fit; what is left then has to hold what cannot be cut.</summary>
    private static IEnumerable<ConfigProblem> OfSynthesis(GatewayConfig config, MoaProfileConfig moa)
    {
        UpstreamConfig Upstream(string name) => config.Upstreams.First(u => u.Name == name);
        foreach (var (key, name) in new[] { (MoaKind.Synthesizer.Name, moa.Synthesizer), (MoaKind.SynthesizerFallback.Name, moa.SynthesizerFallback == moa.Synthesizer ? null : moa.SynthesizerFallback) })
        {
            if (name is null)
            {
                continue;
            }

            var synthesizer = Upstream(name);
            var room = SynthesisRoom.ForConversation(moa, synthesizer, Upstream);

            // What no generator can read is refused before it comes to a synthesis.
            var told = Math.Min(moa.Window(Upstream), moa.Generators.Max(g => Upstream(g.Upstream).Context));
            var sum = string.Create(
                CultureInfo.InvariantCulture,
                $"of its context of {synthesizer.Context} its own answer takes up to {SynthesisRoom.Reply(synthesizer, moa)}, and the drafts {SynthesisRoom.LeastOfDrafts(moa, Upstream)} however short they are cut");
            if (room <= 0)
            {
                yield return Warning(
                    config,
                    $"{KeyOf(moa)}.{key}",
                    $"upstream '{name}' is too small to synthesize anything: {sum}. The best draft is answered instead",
                    "name an upstream with a larger context, lower its max_output, or ask for fewer drafts");
            }
            else if (name == moa.Synthesizer && room < told / 2)
            {
                yield return Warning(
                    config,
                    $"{KeyOf(moa)}.{key}",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"upstream '{name}' is small for what clients may send: {sum}. That leaves {room} tokens for system messages and the newest message, which are never cut; clients are told of {told}, and beyond what is left the best draft is answered instead"),
                    "name a synthesizer with a larger context, ask for fewer drafts, or lower advertised_context");
            }
        }
    }

    private static string KeyOf(ProfileConfig profile) => $"{ConfigSchema.Profiles.Name}.{TomlWriter.Key(profile.Name)}";

    private static ConfigProblem Warning(GatewayConfig config, string key, string message, string hint)
    {
        var origin = config.Origins.Of(key);
        return new(config.SourcePath ?? origin.Name, origin.Line, origin.Column, key, message, hint, ProblemSeverity.Warning);
    }
}
