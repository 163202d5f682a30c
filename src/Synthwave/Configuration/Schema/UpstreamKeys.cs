namespace Synthwave.Configuration.Schema;

/// <summary><c>[upstreams.x]</c> and its sub-tables.</summary>
internal static class UpstreamKeys
{
    public static readonly TextKey ModelId = new("model_id", "the model's name at its endpoint") { NotEmpty = true };

    // A URL may carry credentials.
    public static readonly TextKey BaseUrl = new("base_url", "where the endpoint's API starts, usually ending in /v1") { NotEmpty = true, IsSecret = true };
    public static readonly IntegerKey Context = new("context", "context window, tokens", 1);
    public static readonly IntegerKey MaxOutput = new("max_output", "largest completion, tokens", 1);
    public static readonly ChoiceKey<UpstreamProtocol> Protocol = new(
        "protocol",
        "what the endpoint speaks",
        ("openai", UpstreamProtocol.OpenAi),
        ("anthropic", UpstreamProtocol.Anthropic));

    public static readonly FlagKey SupportsThinking = new("supports_thinking", "whether the model reasons; lets chat_template_kwargs through");
    public static readonly TableKey ChatTemplateKwargs = new("chat_template_kwargs", "arguments for the chat template, sent when supports_thinking");
    public static readonly FlagKey RequiresLeadingSystemOnly = new("requires_leading_system_only", "later system messages are sent as user messages");
    public static readonly TableKey RequestOverrides = new("request_overrides", "top-level members put over every request body");
    public static readonly TextListKey Modalities = new("modalities", "what the model can read");
    public static readonly FlagKey SupportsFunctionCalling = new("supports_function_calling", "whether the model can call functions");

    public static readonly ChoiceKey<Modalities> Modality = new(
        "modalities",
        Modalities.Meaning,
        ("text", Configuration.Modalities.Text),
        ("image", Configuration.Modalities.Image),
        ("video", Configuration.Modalities.Video),
        ("audio", Configuration.Modalities.Audio));

    public static readonly TextKey ApiKey = new("api_key", "the key itself; better name a variable with api_key_env") { IsSecret = true };
    public static readonly TextKey ApiKeyEnv = new("api_key_env", "environment variable holding the key");
    public static readonly TextKey BasicAuthUser = new("basic_auth_user", "user of HTTP basic authentication");
    public static readonly TextKey BasicAuthPass = new("basic_auth_pass", "password of HTTP basic authentication") { IsSecret = true };
    public static readonly TextKey BasicAuthPassEnv = new("basic_auth_pass_env", "environment variable holding the password");

    public static readonly IntegerKey Retries = new("retries", "extra attempts where no other member can answer", 0, 5);
    public static readonly SecondsKey ConnectTimeout = new("connect_timeout_secs", "time to connect", NumberRange.Above(0));
    public static readonly SecondsKey FirstByteTimeout = new("first_byte_timeout_secs", "time to the reply's first byte", NumberRange.Above(0));
    public static readonly SecondsKey IdleTimeout = new("idle_timeout_secs", "silence in a streamed reply after which it counts as broken", NumberRange.Above(0));
    public static readonly IntegerKey MaxConcurrency = new("max_concurrency", "calls in flight at once", 1);
    public static readonly TableKey Headers = new("headers", "headers added to every call");
    public static readonly ChoiceKey<ReasoningStrip> StripReasoning = new(
        "strip_reasoning",
        "how reasoning inside the answer's text is removed",
        ("leading", ReasoningStrip.Leading),
        ("prefilled", ReasoningStrip.Prefilled),
        ("anywhere", ReasoningStrip.Anywhere),
        ("off", ReasoningStrip.Off));

    public static readonly FlagKey StreamUsage = new("stream_usage", "ask for usage in streams although the client did not");
    public static readonly TextKey Proxy = new("proxy", "\"env\", \"none\" or a proxy URL") { NotEmpty = true, IsSecret = true };

    public static readonly MoneyKey InputPrice = new("input", "USD per million input tokens", zeroAllowed: true);
    public static readonly MoneyKey OutputPrice = new("output", "USD per million output tokens", zeroAllowed: true);
    public static readonly MoneyKey CachedInputPrice = new("cached_input", "USD per million input tokens read from the provider's cache", zeroAllowed: true);
    public static readonly TableSchema PriceSchema = new("[upstreams.….price]", InputPrice, OutputPrice, CachedInputPrice);
    public static readonly TableKey Price = new("price", "what the model costs", PriceSchema);

    public static readonly HedgeDelayKey HedgeAfter = new("after", "when the second call starts");
    public static readonly NumberKey HedgeBudget = new("budget", "share of calls that may be doubled", new NumberRange(0, 1));
    public static readonly TextKey HedgeWith = new("with", "upstream of the second call");
    public static readonly TableSchema HedgeSchema = new("[upstreams.….hedge]", HedgeAfter, HedgeBudget, HedgeWith);
    public static readonly TableKey Hedge = new("hedge", "a second call when the first token is late", HedgeSchema);

    public static readonly ChoiceKey<string> ReasoningEffort = new("reasoning_effort", "sent in every body", Same("none", "minimal", "low", "medium", "high", "xhigh"));
    public static readonly ChoiceKey<string> MaxTokensParam = new("max_tokens_param", "what the endpoint calls the completion limit", Same("max_tokens", "max_completion_tokens"));
    public static readonly TextListKey DropParams = new("drop_params", "body members the endpoint does not know");
    public static readonly ChoiceKey<string> DeveloperRole = new("developer_role", "role that developer messages are sent with", Same("keep", "system"));
    public static readonly TableSchema OpenAiSchema = new("[upstreams.….openai]", ReasoningEffort, MaxTokensParam, DropParams, DeveloperRole);
    public static readonly TableKey OpenAi = new("openai", "options of protocol = \"openai\"", OpenAiSchema);

    public static readonly TextKey Version = new("version", "value of the anthropic-version header");
    public static readonly ChoiceKey<string> Thinking = new("thinking", "extended thinking", Same("adaptive", "enabled", "off"));
    public static readonly ChoiceKey<string> Effort = new("effort", "effort of adaptive thinking", Same("low", "medium", "high", "xhigh", "max"));
    public static readonly IntegerKey BudgetTokens = new("budget_tokens", "thinking tokens of thinking = \"enabled\"", 1);
    public static readonly ChoiceKey<string> PromptCache = new("prompt_cache", "marks for the provider's prompt cache: tools, system, newest user turn", Same("off", "auto"));
    public static readonly TableSchema AnthropicSchema = new("[upstreams.….anthropic]", Version, Thinking, Effort, BudgetTokens, PromptCache, DropParams);
    public static readonly TableKey Anthropic = new("anthropic", "options of protocol = \"anthropic\"", AnthropicSchema);

    public static readonly TableSchema Schema = new(
        "[upstreams.…]",
        ModelId,
        BaseUrl,
        Context,
        MaxOutput,
        Protocol,
        ApiKey,
        ApiKeyEnv,
        BasicAuthUser,
        BasicAuthPass,
        BasicAuthPassEnv,
        Modalities,
        SupportsFunctionCalling,
        SupportsThinking,
        RequiresLeadingSystemOnly,
        StripReasoning,
        StreamUsage,
        Retries,
        ConnectTimeout,
        FirstByteTimeout,
        IdleTimeout,
        MaxConcurrency,
        Proxy,
        ChatTemplateKwargs,
        RequestOverrides,
        Headers,
        Price,
        Hedge,
        OpenAi,
        Anthropic);

    private static (string Word, string Value)[] Same(params string[] words) => [.. words.Select(w => (w, w))];
}
