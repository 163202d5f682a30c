using System.Text;
using System.Text.Encodings.Web;
using Synthwave.Json;
using Synthwave.Telemetry.Conventions;

namespace Synthwave.Api.Pages;

/// <summary>The markup of the first page. Stateless and thread-safe.</summary>
internal static class HomePage
{
    private const int MostNames = 100;

    private static readonly string Template = PageText.Read("home.html");

    /// <summary>Its frame. What it shows changes, so nobody keeps it.</summary>
    public static WebPage Frame { get; } = new("Synthwave", PageText.Read("home.css"), PageText.Read("home.js"), readsOwnOrigin: false, "no-store");

    /// <param name="facts">What to tell.</param>
    /// <param name="links">Paths without the prefix, and what is there.</param>
    public static string Body(HomeFacts facts, IEnumerable<(string Path, string Words)> links)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["version"] = Escape(GatewayVersion.Text),
            ["state-class"] = facts.State switch { HomeState.Ready => "good", HomeState.Unready => "bad", _ => "wait" },
            ["state"] = Escape(facts.StateWords),
            ["models"] = Models(facts),
            ["commands"] = Commands(facts),
            ["links"] = string.Concat(links.Select(l => $"<li><a href=\"{Escape(facts.Prefix + l.Path)}\"><code>{Escape(facts.Prefix + l.Path)}</code></a> {Escape(l.Words)}</li>\n")),
        };

        // Each place is filled once, from left to right, so that no value is read for places of its own.
        var body = new StringBuilder();
        var rest = Template.AsSpan();
        for (int open; (open = rest.IndexOf("{{", StringComparison.Ordinal)) >= 0;)
        {
            var close = rest.IndexOf("}}", StringComparison.Ordinal);
            body.Append(rest[..open]).Append(parts[rest[(open + 2)..close].ToString()]);
            rest = rest[(close + 2)..];
        }

        return body.Append(rest).ToString();
    }

    private static string Models(HomeFacts facts)
    {
        if (facts.Withheld is { } reason)
        {
            return $"<p>{Escape(reason)}</p>";
        }

        if (facts.Models.IsEmpty)
        {
            return "<p>None yet: the configuration names no upstream. <code>synthwave init</code> writes one for what it finds on this machine.</p>";
        }

        var names = string.Concat(facts.Models.Take(MostNames).Select(m => $"<li><code>{Escape(m)}</code></li>\n"));
        var more = facts.Models.Length > MostNames ? $"<p class=\"soft\">And {facts.Models.Length - MostNames} more.</p>" : "";
        return $"<ul class=\"names\">\n{names}</ul>{more}";
    }

    private static string Commands(HomeFacts facts)
    {
        var model = facts.Models is [var first, ..] ? first : "MODEL";
        var key = facts.NeedsToken ? " \\\n  -H \"Authorization: Bearer $SYNTHWAVE_TOKEN\"" : "";
        var body = $$"""{"model":{{Encoding.UTF8.GetString(JsonText.Quote(model))}},"messages":[{"role":"user","content":"Say hello."}]}""";
        return Command("List what can be asked for.", $"curl {facts.Address}/v1/models{key}")
            + Command("Ask a question.", $"curl {facts.Address}/v1/chat/completions{key} \\\n  -H 'Content-Type: application/json' \\\n  -d {Quote(body)}")
            + Command(
                "Point a program of OpenAI's SDKs here. Those of Anthropic take the address without /v1, as ANTHROPIC_BASE_URL.",
                $"export OPENAI_BASE_URL={facts.Address}/v1 OPENAI_API_KEY={(facts.NeedsToken ? "\"$SYNTHWAVE_TOKEN\"" : "none")}");
    }

    private static string Command(string what, string text) => $"<div class=\"command\"><p>{Escape(what)}</p><pre tabindex=\"0\">{Escape(text)}</pre></div>\n";

    // A shell's quoted text ends at a quote of its kind.
    private static string Quote(string text) => "'" + text.Replace("'", @"'\''", StringComparison.Ordinal) + "'";

    private static string Escape(string text) => HtmlEncoder.Default.Encode(text);
}
