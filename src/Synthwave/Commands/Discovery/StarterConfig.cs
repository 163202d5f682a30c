using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Synthwave.Configuration;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;
using Synthwave.Providers;

namespace Synthwave.Commands.Discovery;

/// <summary>Writes a first <c>meta-model.toml</c> from what was found. Key variables are named; no key is ever written.</summary>
internal static partial class StarterConfig
{
    private const string Ensemble = "ensemble";
    private const string Best = "best";
    private const string Relay = "relay";
    private const int MostGenerators = 3;
    private const int MostCascaded = 4;
    private const int MostMentioned = 40;
    private const int UnknownLocalContext = 8_192;
    private const int UnknownHostedContext = 32_768;
    private const int UsualMaxOutput = 4_096;
    private const int ReasoningMaxOutput = 16_384;

    /// <summary>Below this the synthesizer's window holds no drafts beside its own answer.</summary>
    private const int SmallestSynthesis = 4_096;

    /// <summary>An upstream of the file to be.</summary>
    internal sealed record Upstream(string Name, EndpointFound Source, FoundModel Model)
    {
        /// <summary>What is known of the model at its provider; null = nothing.</summary>
        public CuratedModel? Known { get; } = Source.Endpoint.Preset is { } preset ? CuratedModels.BuiltIn.Find(preset, Model.Id, PresetCatalog.BuiltIn) : null;

        public int Context => Model.Context ?? Known?.Context ?? (Source.Endpoint.IsLocal ? UnknownLocalContext : UnknownHostedContext);

        /// <summary>Never more than a quarter of the window, so that there is room for a prompt.</summary>
        public int MaxOutput => Math.Max(1, Math.Min(Math.Min(Model.MaxOutput ?? Known?.MaxOutput ?? int.MaxValue, IsReasoning ? ReasoningMaxOutput : UsualMaxOutput), Context / 4));

        /// <summary>One of OpenAI's models that think first: they take no sampling parameters and count their thoughts as output.</summary>
        public bool IsReasoning => Source.Endpoint.Name == "openai" && OpenAiReasoning.IsMatch(Model.Id);
    }

    /// <summary>The upstreams of the file, endpoints in order; empty when none of the endpoints has a chat model.</summary>
    public static ImmutableArray<Upstream> Select(IEnumerable<EndpointFound> found)
    {
        var upstreams = ImmutableArray.CreateBuilder<Upstream>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Ensemble, Best, Relay };
        foreach (var source in found)
        {
            foreach (var model in ModelChoice.Choose(source))
            {
                var wanted = $"{source.Endpoint.Name}-{Slug(model.Id)}";
                var name = wanted;
                for (var i = 2; !taken.Add(name); i++)
                {
                    name = string.Create(CultureInfo.InvariantCulture, $"{wanted}-{i}");
                }

                upstreams.Add(new Upstream(name, source, model));
            }
        }

        return upstreams.ToImmutable();
    }

    /// <summary>The file's text.</summary>
    public static string Write(ImmutableArray<Upstream> upstreams)
    {
        var text = new StringBuilder();
        WriteHead(text);
        foreach (var endpoint in upstreams.GroupBy(u => u.Source))
        {
            WriteEndpoint(text, endpoint.Key, [.. endpoint]);
        }

        WriteProfiles(text, upstreams);
        return text.ToString();
    }

    private static void WriteHead(StringBuilder text) => text.Append(
        $"""
        # Written by `synthwave init` from the endpoints it found. Change it freely: it is never written again,
        # and a running gateway picks up changes by itself.

        [server]
        {Line(ServerTable.Host, ServerTable.Keys.Blank.Host)}
        {Line(ServerTable.Port, ServerTable.Keys.Blank.Port)}
        # Ask clients for a token before you listen on anything but loopback; the variable holds it:
        # {Line(ServerTable.BearerTokenEnv, "SYNTHWAVE_TOKEN")}


        """);

    private static void WriteEndpoint(StringBuilder text, EndpointFound source, ImmutableArray<Upstream> upstreams)
    {
        text.Append(CultureInfo.InvariantCulture, $"# ---- {source.Endpoint.Title}, {source.Endpoint.BaseUrl}\n");
        var others = source.Models.Where(m => m.Chats && upstreams.All(u => u.Model.Id != m.Id)).Select(m => m.Id).ToArray();
        if (others.Length > 0)
        {
            text.Append("# It also has:\n");
            foreach (var id in others.Take(MostMentioned))
            {
                text.Append(CultureInfo.InvariantCulture, $"#   {id}\n");
            }

            text.Append(others.Length > MostMentioned ? string.Create(CultureInfo.InvariantCulture, $"#   and {others.Length - MostMentioned} more\n") : "");
        }

        text.Append('\n');
        foreach (var upstream in upstreams)
        {
            WriteUpstream(text, upstream);
        }
    }

    private static void WriteUpstream(StringBuilder text, Upstream upstream)
    {
        var endpoint = upstream.Source.Endpoint;
        text.Append(CultureInfo.InvariantCulture, $"[upstreams.{upstream.Name}]\n");
        if (endpoint.Preset is { } preset)
        {
            // Address, protocol and the variable of the key are known then.
            text.Append(Line(UpstreamTable.Provider, preset.Id)).Append('\n').Append(Line(UpstreamTable.ModelId, upstream.Model.Id)).Append('\n');
        }
        else
        {
            text.Append(Line(UpstreamTable.ModelId, upstream.Model.Id)).Append('\n');
            text.Append(Line(UpstreamTable.BaseUrl, endpoint.BaseUrl)).Append('\n');
            text.Append(endpoint.Anthropic ? Line(UpstreamTable.Protocol, UpstreamProtocol.Anthropic) + "\n" : "");
            text.Append(endpoint.KeyVariable is { } variable ? Line(UpstreamTable.ApiKeyEnv, variable) + "\n" : "");
        }

        var source = upstream switch
        {
            { Model.Context: not null } => "from the endpoint's catalog",
            { Known.Context: not null } => $"from the list of {CuratedModels.BuiltIn.Date}",
            _ => "not in the endpoint's catalog: a careful guess, raise it if you know better",
        };
        text.Append(CultureInfo.InvariantCulture, $"{Line(UpstreamTable.Context, upstream.Context)}  # {source}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Line(UpstreamTable.MaxOutput, upstream.MaxOutput)}  # longest answer, tokens\n\n");
        if (upstream.IsReasoning)
        {
            text.Append(
                $"""
                # This model refuses other temperatures than its own and the older name of the cap.
                [upstreams.{upstream.Name}.{UpstreamTable.OpenAi.Name}]
                {Line(UpstreamOptionTables.MaxTokensParam, "max_completion_tokens")}
                {Line(UpstreamOptionTables.OpenAiDropParams, ["temperature", "top_p"])}


                """);
        }
    }

    [GeneratedRegex(@"^(gpt-[5-9]|o[1-9])", RegexOptions.CultureInvariant)]
    private static partial Regex OpenAiReasoning { get; }

    private static void WriteProfiles(StringBuilder text, ImmutableArray<Upstream> upstreams)
    {
        var synthesizer = upstreams.OrderBy(u => ModelChoice.IsSmall(u.Model)).ThenBy(u => u.Source.Endpoint.IsLocal).ThenByDescending(u => u.Context).First();
        var generators = Spread(upstreams);
        if (generators.Length >= 2 && synthesizer.Context >= SmallestSynthesis)
        {
            text.Append(
                $"""
                # Several models draft, one writes the answer. Clients ask for the model "{Ensemble}" or "{Best}".
                [profiles.{Ensemble}]
                type = "moa"
                {Line(MoaKind.Generators, generators.Select(g => g.Name))}
                {Line(MoaKind.Synthesizer, synthesizer.Name)}
                {Line(ProfileTable.Aliases, [Best])}


                """);
        }

        var cascade = upstreams.Where(u => u != synthesizer).Prepend(synthesizer).Take(MostCascaded);
        text.Append(
            $"""
            # One model answers; the next one takes over when it cannot.
            [profiles.{Relay}]
            type = "cascade"
            {Line(CascadeKind.Upstreams, cascade.Select(u => u.Name))}

            """);
    }

    /// <summary>Generators from as many endpoints as possible: unlike models make unlike mistakes.</summary>
    private static ImmutableArray<Upstream> Spread(ImmutableArray<Upstream> upstreams) =>
    [
        .. upstreams.GroupBy(u => u.Source).SelectMany(g => g.Select((upstream, turn) => (upstream, turn))).OrderBy(u => u.turn).Select(u => u.upstream).Take(MostGenerators),
    ];

    private static string Slug(string id)
    {
        var slug = string.Concat(id.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        slug = string.Join('-', slug.Split('-', StringSplitOptions.RemoveEmptyEntries));
        return slug.Length == 0 ? "model" : slug;
    }

    private static string Line<T>(ConfigKey<T> key, T value) => $"{key.Name} = {TomlWriter.Inline(key.Write(value))}";

    private static string Line(ConfigKey key, IEnumerable<string> values) => $"{key.Name} = {TomlWriter.Inline(TextListKey.Write(values))}";
}
