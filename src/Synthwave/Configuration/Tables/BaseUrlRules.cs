using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>
/// Base URLs that name too little or too much. What can only be meant in one way is made right and said; where two readings are left it is an error or a
/// warning that names the likely one. Queries stay.
/// </summary>
internal static class BaseUrlRules
{
    private static readonly string[] ChatEndpoints = ["/chat/completions", "/completions", "/responses", "/embeddings", "/models"];

    private static readonly string[] MessagesEndpoints = ["/messages/count_tokens", "/messages", "/models"];

    /// <summary>Where the API of well-known hosts starts.</summary>
    private static readonly Dictionary<string, string> Starts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["api.openai.com"] = "/v1",
        ["api.anthropic.com"] = "/v1",
        ["api.mistral.ai"] = "/v1",
        ["api.groq.com"] = "/openai/v1",
        ["openrouter.ai"] = "/api/v1",
        ["api.together.xyz"] = "/v1",
        ["api.together.ai"] = "/v1",
        ["api.x.ai"] = "/v1",
        ["api.fireworks.ai"] = "/inference/v1",
        ["api.cerebras.ai"] = "/v1",
        ["api.sambanova.ai"] = "/v1",
        ["api.moonshot.ai"] = "/v1",
        ["api.deepinfra.com"] = "/v1/openai",
        ["integrate.api.nvidia.com"] = "/v1",
        ["router.huggingface.co"] = "/v1",
        ["generativelanguage.googleapis.com"] = "/v1beta/openai",
        ["api.deepseek.com"] = "",
        ["api.perplexity.ai"] = "",
    };

    /// <summary>The upstream with the base URL that is called.</summary>
    public static UpstreamConfig Check(SectionReader section, UpstreamConfig upstream)
    {
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
        if (Array.Find(isAnthropic ? MessagesEndpoints : ChatEndpoints, e => EndsWith(written, e)) is { } own)
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

        var path = url.AbsolutePath.TrimEnd('/');
        if (isAnthropic && EndsWith(path, "/anthropic"))
        {
            return Correct(written + "/v1", "lacks the version");
        }

        if (Starts.TryGetValue(url.Host, out var start))
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
            section.Problems.WrittenAt(section.PositionOf(UpstreamTable.BaseUrl)) is null || !Uri.TryCreate(likely, UriKind.Absolute, out var uri) ? Mask.Url(likely) : "…" + uri.AbsolutePath;
    }

    private static bool EndsWith(string path, string end) => path.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
