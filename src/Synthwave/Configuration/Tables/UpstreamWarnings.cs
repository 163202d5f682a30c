using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary>Upstreams that load, but hardly do what was meant.</summary>
internal static class UpstreamWarnings
{
    // The gateway sets these after the overrides, or they decide what kind of answer it will have to read.
    private static readonly string[] ReservedOverrides =
        ["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "chat_template_kwargs", "x_meta_model"];

    public static void Warn(SectionReader section, UpstreamConfig upstream, Func<string, string?> environment)
    {
        if (upstream.MaxOutput >= upstream.Context && !section.IsBroken)
        {
            section.Warn(UpstreamTable.MaxOutput, $"leaves no room for a prompt: max_output {upstream.MaxOutput} is not below context {upstream.Context}");
        }

        if (upstream.Proxy == "env" && Uri.TryCreate(upstream.BaseUrl, UriKind.Absolute, out var url) && url.IsLoopback && ProxyVariables.Read(environment).For(url) is not null)
        {
            section.Warn(UpstreamTable.BaseUrl, $"upstream '{upstream.Name}' is on this machine, but is asked through the environment's proxy", $"add {url.Host} to NO_PROXY or set proxy = \"none\"");
        }

        if (upstream is { ChatTemplateKwargsJson: not null, SupportsThinking: false })
        {
            section.Warn(UpstreamTable.ChatTemplateKwargs, "is never sent", "it goes with supports_thinking = true");
        }

        if (section.Table.Find(UpstreamTable.RequestOverrides.Name)?.Value is TomlTable overrides)
        {
            foreach (var entry in overrides.Entries.Where(e => ReservedOverrides.Contains(e.Key)))
            {
                section.Problems.Warn(
                    entry.KeyPosition,
                    $"{section.PathOf(UpstreamTable.RequestOverrides)}.{entry.Key}",
                    "is the gateway's own to set; overriding it has no effect or breaks answers");
            }
        }
    }
}
