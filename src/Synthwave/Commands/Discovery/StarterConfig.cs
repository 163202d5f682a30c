using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

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
        public int Context => Model.Context ?? (Source.Endpoint.IsLocal ? UnknownLocalContext : UnknownHostedContext);

        /// <summary>Never more than a quarter of the window, so that there is room for a prompt.</summary>
        public int MaxOutput => Math.Max(1, Math.Min(Math.Min(Model.MaxOutput ?? int.MaxValue, IsReasoning ? ReasoningMaxOutput : UsualMaxOutput), Context / 4));

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
        """
        # Written by `synthwave init` from the endpoints it found. Change it freely: it is never written again,
        # and a running gateway picks up changes by itself.

        [server]
        host = "127.0.0.1"
        port = 8400
        # Ask clients for a token before you listen on anything but loopback; the variable holds it:
        # bearer_token_env = "SYNTHWAVE_TOKEN"


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
        text.Append(CultureInfo.InvariantCulture, $"model_id = {Quote(upstream.Model.Id)}\n");
        text.Append(CultureInfo.InvariantCulture, $"base_url = {Quote(endpoint.BaseUrl)}\n");
        text.Append(endpoint.Anthropic ? "protocol = \"anthropic\"\n" : "");
        text.Append(endpoint.KeyVariable is { } variable ? $"api_key_env = {Quote(variable)}\n" : "");
        text.Append(CultureInfo.InvariantCulture, $"context = {upstream.Context}{(upstream.Model.Context is null ? "  # not in the endpoint's catalog: a careful guess, raise it if you know better" : "  # from the endpoint's catalog")}\n");
        text.Append(CultureInfo.InvariantCulture, $"max_output = {upstream.MaxOutput}  # longest answer, tokens\n\n");
        if (upstream.IsReasoning)
        {
            text.Append(
                $"""
                # This model refuses other temperatures than its own and the older name of the cap.
                [upstreams.{upstream.Name}.openai]
                max_tokens_param = "max_completion_tokens"
                drop_params = ["temperature", "top_p"]


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
                generators = [{string.Join(", ", generators.Select(g => Quote(g.Name)))}]
                synthesizer = {Quote(synthesizer.Name)}
                aliases = [{Quote(Best)}]


                """);
        }

        var cascade = upstreams.Where(u => u != synthesizer).Prepend(synthesizer).Take(MostCascaded);
        text.Append(
            $"""
            # One model answers; the next one takes over when it cannot.
            [profiles.{Relay}]
            type = "cascade"
            upstreams = [{string.Join(", ", cascade.Select(u => Quote(u.Name)))}]

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

    /// <summary>A TOML basic string. The text has no control characters: catalog ids are checked, everything else is ours.</summary>
    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
