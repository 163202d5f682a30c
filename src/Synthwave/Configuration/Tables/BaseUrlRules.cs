using System.Collections.Frozen;
using Synthwave.Configuration.Schema;
using Synthwave.Providers;

namespace Synthwave.Configuration.Tables;

/// <summary>
/// Base URLs that name too little or too much. What can only be meant in one way is made right and said; where two readings are left it is an error or a
/// warning that names the likely one. Queries stay.
/// </summary>
internal static class BaseUrlRules
{
    private static readonly string[] ChatEndpoints = ["/chat/completions", "/completions", "/responses", "/embeddings", "/models"];

    private static readonly string[] MessagesEndpoints = ["/messages/count_tokens", "/messages", "/models"];

    private const int OllamaPort = 11434;

    /// <summary>Where resources of Azure live, which have OpenAI's API under <c>/openai/v1</c> and an older one under <c>/openai/deployments</c>.</summary>
    private static readonly string[] AzureHosts = [".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"];

    /// <summary>Where the API of hosts that are known starts, by protocol.</summary>
    private static readonly Lazy<(FrozenDictionary<string, string> OpenAi, FrozenDictionary<string, string> Anthropic)> Starts = new(static () => (StartsOf(isAnthropic: false), StartsOf(isAnthropic: true)));

    /// <summary>The upstream with the base URL that is called.</summary>
    public static UpstreamConfig Check(SectionReader section, UpstreamConfig upstream)
    {
        if (BaseUrlSpelling.Slip(upstream.BaseUrl) is var (slip, spelled))
        {
            spelled = spelled.TrimEnd('/');
            section.Warn(UpstreamTable.BaseUrl, $"{slip}; it is taken without the mistake", $"write \"{Shown(spelled)}\"");
            upstream = upstream with { BaseUrl = spelled };
        }

        if (!Uri.TryCreate(upstream.BaseUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            if (upstream.BaseUrl.Length > 0)
            {
                section.Warn(UpstreamTable.BaseUrl, "is no absolute http or https URL, so no call can be made", "write it as in http://127.0.0.1:8000/v1");
            }

            return upstream;
        }

        var query = upstream.BaseUrl.IndexOf('?', StringComparison.Ordinal);
        var written = (query < 0 ? upstream.BaseUrl : upstream.BaseUrl[..query]).TrimEnd('/');
        var isAnthropic = upstream.Protocol == UpstreamProtocol.Anthropic;
        var path = url.AbsolutePath.TrimEnd('/');
        var isAzure = !isAnthropic && AzureHosts.Any(h => EndsWith(url.Host, h));
        if (isAzure && path == "/models")
        {
            // The older API of all its models, which has nothing else there.
            return upstream;
        }

        var own = Array.Find(isAnthropic ? MessagesEndpoints : ChatEndpoints, e => EndsWith(written, e));
        if (isAzure && path[..^(own?.Length ?? 0)] is "" or "/openai")
        {
            // The versions of the older API are none of this one.
            query = -1;
            return Correct(url.GetComponents(UriComponents.SchemeAndServer | UriComponents.UserInfo, UriFormat.UriEscaped) + "/openai/v1", "names an Azure resource, whose API is under /openai/v1");
        }

        if (isAzure && path.Contains("/deployments/", StringComparison.OrdinalIgnoreCase) && !url.Query.Contains("api-version=", StringComparison.OrdinalIgnoreCase))
        {
            var deployment = written[..^(own?.Length ?? 0)];
            section.Warn(UpstreamTable.BaseUrl, "lacks the api-version that deployments of Azure are asked with", $"write \"{Shown(deployment)}?api-version=…\"");
            return upstream with { BaseUrl = deployment };
        }

        if (!isAnthropic && (EndsWith(path, "/api/chat") || EndsWith(path, "/api/generate") || (path == "/api" && url.Port == OllamaPort)))
        {
            return Correct(written[..written.LastIndexOf("/api", StringComparison.OrdinalIgnoreCase)] + "/v1", "is Ollama's own API, and OpenAI's is beside it");
        }

        if (own is not null)
        {
            return Correct(written[..^own.Length].TrimEnd('/'), "names one endpoint, and the gateway appends that part itself");
        }

        if (Array.Find(isAnthropic ? ChatEndpoints : MessagesEndpoints, e => EndsWith(written, e)) is { } foreign)
        {
            var (speaks, other) = isAnthropic ? ("anthropic", "openai") : ("openai", "anthropic");
            section.Error(
                UpstreamTable.BaseUrl,
                $"names an endpoint that protocol \"{speaks}\" does not call",
                $"write protocol = \"{other}\" and base_url = \"{Shown(written[..^foreign.Length])}\"");
            return upstream;
        }

        if (isAnthropic && EndsWith(path, "/anthropic"))
        {
            return Correct(written + "/v1", "lacks the version");
        }

        if ((isAnthropic ? Starts.Value.Anthropic : Starts.Value.OpenAi).TryGetValue(url.Host, out var start))
        {
            return start.Length > path.Length && start.StartsWith(path + "/", StringComparison.OrdinalIgnoreCase)
                ? Correct(written + start[path.Length..], "lacks the path where this host's API starts")
                : upstream;
        }

        if (path.Length == 0)
        {
            section.Warn(UpstreamTable.BaseUrl, "has no path, and most servers have their API under /v1", $"if calls are answered 404 write \"{Shown(written + "/v1")}\"");
        }

        return upstream;

        UpstreamConfig Correct(string right, string reason)
        {
            section.Warn(UpstreamTable.BaseUrl, $"{reason}; it is taken without the mistake", $"write \"{Shown(right)}\"");
            return upstream with { BaseUrl = query < 0 ? right : right + upstream.BaseUrl[query..] };
        }

        // What comes from the environment is not shown.
        string Shown(string likely) =>
            section.Problems.WrittenAt(section.PositionOf(UpstreamTable.BaseUrl)) is null ? Mask.Url(likely) : "…" + (Uri.TryCreate(likely, UriKind.Absolute, out var uri) ? uri.AbsolutePath : "");
    }

    // Of several APIs of one host the first that is listed is the usual one.
    private static FrozenDictionary<string, string> StartsOf(bool isAnthropic) => PresetCatalog.BuiltIn.All
        .Where(p => !p.IsLocal && p.BaseOf(isAnthropic) is { } known && !known.Contains('{', StringComparison.Ordinal))
        .SelectMany(p => new Uri(p.BaseOf(isAnthropic)!, UriKind.Absolute) is var start ? p.Hosts.Prepend(start.Host).Select(h => (Host: h, Path: start.AbsolutePath.TrimEnd('/'))) : [])
        .DistinctBy(s => s.Host)
        .ToFrozenDictionary(s => s.Host, s => s.Path, StringComparer.OrdinalIgnoreCase);

    private static bool EndsWith(string path, string end) => path.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
