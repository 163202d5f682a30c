using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>The tables inside <c>[upstreams.x]</c>.</summary>
internal static class UpstreamOptionTables
{
    public static readonly Table<PriceConfig> Price = new("[upstreams.….price]", new PriceConfig(0, 0, null));

    public static readonly ConfigKey<decimal> InputPrice = Price.Add(
        new MoneyKey("input", "USD per million input tokens", zeroAllowed: true) { IsRequired = true, Example = "0.10" },
        p => p.Input,
        (p, v) => p with { Input = v });

    public static readonly ConfigKey<decimal> OutputPrice = Price.Add(
        new MoneyKey("output", "USD per million output tokens", zeroAllowed: true) { IsRequired = true, Example = "0.40" },
        p => p.Output,
        (p, v) => p with { Output = v });

    public static readonly ConfigKey<decimal> CachedInputPrice = Price.AddOptional(
        new MoneyKey("cached_input", "USD per million input tokens read from the provider's cache", zeroAllowed: true)
        {
            WhenAbsent = "the price of input",
            Example = "0.025",
        },
        p => p.CachedInput,
        (p, v) => p with { CachedInput = v });

    public static readonly ConfigKey<decimal> CacheWritePrice = Price.AddOptional(
        new MoneyKey("cache_write", "USD per million input tokens written to the provider's cache", zeroAllowed: true)
        {
            WhenAbsent = "the price of input",
            Example = "0.125",
        },
        p => p.CacheWrite,
        (p, v) => p with { CacheWrite = v });

    public static readonly Table<HedgeConfig> Hedge = new("[upstreams.….hedge]", new HedgeConfig());

    public static readonly ConfigKey<TimeSpan?> HedgeAfter = Hedge.Add(
        new HedgeDelayKey("after", "when the second call starts") { Details = "\"p95\" is the learned 95th percentile." },
        h => h.After,
        (h, v) => h with { After = v });

    public static readonly ConfigKey<double> HedgeBudget = Hedge.Add(
        new NumberKey("budget", "share of calls that may be doubled", new NumberRange(0, 1)),
        h => h.Budget,
        (h, v) => h with { Budget = v });

    public static readonly ConfigKey<string> HedgeWith = Hedge.AddOptional(
        new TextKey("with", "upstream of the second call") { NamesUpstream = true, WhenAbsent = "the same upstream", Example = "\"careful\"" },
        h => h.With,
        (h, v) => h with { With = v });

    public static readonly Table<OpenAiOptions> OpenAi = new("[upstreams.….openai]", new OpenAiOptions());

    public static readonly ConfigKey<string> ReasoningEffort = OpenAi.AddOptional(
        new ChoiceKey<string>("reasoning_effort", "sent in every body", Same("none", "minimal", "low", "medium", "high", "xhigh"))
        {
            WhenAbsent = "the client's is left as it is",
            Example = "\"low\"",
        },
        o => o.ReasoningEffort,
        (o, v) => o with { ReasoningEffort = v });

    // Writing it is a statement of its own, so the default is not written.
    public static readonly ConfigKey<string> MaxTokensParam = OpenAi.AddOptional(
        new ChoiceKey<string>("max_tokens_param", "what the endpoint calls the completion limit", Same("max_tokens", "max_completion_tokens"))
        {
            WhenAbsent = "the client's spelling is left as it is",
            Example = "\"max_completion_tokens\"",
        },
        o => o.MaxTokensParamIsExplicit ? o.MaxTokensParam : null,
        (o, v) => o with { MaxTokensParam = v, MaxTokensParamIsExplicit = true });

    public static readonly TextListKey OpenAiDropParams = OpenAi.Add(
        new TextListKey("drop_params", "body members the endpoint does not know"),
        o => o.DropParams,
        (o, v) => o with { DropParams = v });

    public static readonly ConfigKey<string> DeveloperRole = OpenAi.Add(
        new ChoiceKey<string>("developer_role", "role that developer messages are sent with", Same("keep", "system")),
        o => o.DeveloperRole,
        (o, v) => o with { DeveloperRole = v });

    public static readonly ConfigKey<string> TextContent = OpenAi.Add(
        new ChoiceKey<string>("text_content", "form of message contents that are a list of nothing but texts: \"string\" for endpoints that take no lists", Same("keep", "string")),
        o => o.TextContent,
        (o, v) => o with { TextContent = v });

    public static readonly Table<AnthropicOptions> Anthropic = new("[upstreams.….anthropic]", new AnthropicOptions());

    public static readonly ConfigKey<string> Version = Anthropic.Add(
        new TextKey("version", "value of the anthropic-version header"),
        a => a.Version,
        (a, v) => a with { Version = v });

    public static readonly ConfigKey<string> Thinking = Anthropic.AddOptional(
        new ChoiceKey<string>("thinking", "extended thinking", Same("adaptive", "enabled", "off")) { WhenAbsent = "\"off\"", Example = "\"adaptive\"" },
        a => a.Thinking,
        (a, v) => a with { Thinking = v });

    public static readonly ConfigKey<string> Effort = Anthropic.AddOptional(
        new ChoiceKey<string>("effort", "effort of adaptive thinking", Same("low", "medium", "high", "xhigh", "max")) { Example = "\"medium\"" },
        a => a.Effort,
        (a, v) => a with { Effort = v });

    public static readonly ConfigKey<int> BudgetTokens = Anthropic.AddOptional(
        new IntegerKey("budget_tokens", "thinking tokens of thinking = \"enabled\"", 1) { Details = "It does nothing beside \"adaptive\".", Example = "4096" },
        a => a.BudgetTokens,
        (a, v) => a with { BudgetTokens = v });

    public static readonly ConfigKey<string> PromptCache = Anthropic.Add(
        new ChoiceKey<string>("prompt_cache", "marks for the provider's prompt cache: tools, system, newest user turn", Same("off", "auto"))
        {
            Details = "\"off\" leaves that to the client.",
        },
        a => a.PromptCache,
        (a, v) => a with { PromptCache = v });

    public static readonly TextListKey AnthropicDropParams = Anthropic.Add(
        new TextListKey("drop_params", "body members the endpoint does not know") { Example = "[\"top_k\"]" },
        a => a.DropParams,
        (a, v) => a with { DropParams = v });

    public static readonly Table<TlsConfig> Tls = new("[upstreams.….tls]", new TlsConfig());

    public static readonly ConfigKey<string> CaFile = Tls.AddOptional(
        new TextKey("ca_file", "authorities to trust instead of the system's, PEM")
        {
            NotEmpty = true,
            WhenAbsent = "the system's authorities",
            Details = "As with curl's --cacert: for both, put both into the file. Relative paths start at the directory of the configuration; a change of a file counts at once.",
            Example = "\"/etc/synthwave/ca.pem\"",
        },
        t => t.CaFile,
        (t, v) => t with { CaFile = v });

    public static readonly ConfigKey<string> ClientCert = Tls.AddOptional(
        new TextKey("client_cert", "certificate to show, and those between it and its root, PEM") { NotEmpty = true, Example = "\"/etc/synthwave/client.pem\"" },
        t => t.ClientCert,
        (t, v) => t with { ClientCert = v });

    public static readonly ConfigKey<string> ClientKey = Tls.AddOptional(
        new TextKey("client_key", "its key, PEM, not encrypted") { NotEmpty = true, WhenAbsent = "the key is in client_cert", Example = "\"/etc/synthwave/client.key\"" },
        t => t.ClientKey,
        (t, v) => t with { ClientKey = v });

    public static readonly ConfigKey<bool> Insecure = Tls.Add(
        new FlagKey("insecure", "take any certificate, for a laboratory; a warning at every start"),
        t => t.Insecure,
        (t, v) => t with { Insecure = v });

    private static (string Word, string Value)[] Same(params string[] words) => [.. words.Select(w => (w, w))];
}
