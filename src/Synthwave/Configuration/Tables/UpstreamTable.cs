using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;
using Synthwave.Providers;

namespace Synthwave.Configuration.Tables;

/// <summary><c>[upstreams.x]</c>.</summary>
internal static class UpstreamTable
{
    public static readonly Table<UpstreamConfig> Keys =
        new("[upstreams.…]", new UpstreamConfig { Name = "", ModelId = "", BaseUrl = "", Context = 1, MaxOutput = 1 });

    public static readonly ConfigKey<string> Provider = Keys.AddOptional(
        new TextKey("provider", "who serves the model: a provider that is known, or one of [providers.…]")
        {
            NotEmpty = true,
            Details = "It tells base_url, protocol, how and by which variable the key is shown, and what the endpoint wants otherwise than most; the list of models that comes with "
                + "the gateway tells context, max_output, price, modalities and supports_function_calling. What is written here wins. `synthwave providers` lists them.",
            Example = "\"openai\"",
        },
        u => u.Provider,
        (u, v) => u with { Provider = v });

    public static readonly ConfigKey<string> ModelId = Keys.Add(
        new TextKey("model_id", "the model's name at its endpoint") { NotEmpty = true, IsRequired = true },
        u => u.ModelId,
        (u, v) => u with { ModelId = v });

    // A URL may carry credentials.
    public static readonly ConfigKey<string> BaseUrl = Keys.Add(
        new UrlKey("base_url", "where the endpoint's API starts, usually ending in /v1")
        {
            IsSecret = true,
            IsRequired = true,
            RequiredWithout = "provider",
            Details = "/chat/completions, /models and the like are appended. A whole endpoint is cut back to this, and well-known hosts get their path.",
        },
        u => u.BaseUrl,
        (u, v) => u with { BaseUrl = v.TrimEnd('/') });

    public static readonly ConfigKey<int> Context = Keys.Add(
        new IntegerKey("context", "context window, tokens", 1) { IsRequired = true, RequiredWithout = "provider" },
        u => u.Context,
        (u, v) => u with { Context = v });

    public static readonly ConfigKey<int> MaxOutput = Keys.Add(
        new IntegerKey("max_output", "largest completion, tokens", 1) { IsRequired = true, RequiredWithout = "provider" },
        u => u.MaxOutput,
        (u, v) => u with { MaxOutput = v });

    public static readonly ConfigKey<bool> ClampMaxTokens = Keys.Add(
        new FlagKey("clamp_max_tokens", "a client's limit above max_output is lowered to it") { Details = "Otherwise it is the upstream's to judge." },
        u => u.ClampMaxTokens,
        (u, v) => u with { ClampMaxTokens = v });

    public static readonly ConfigKey<UpstreamProtocol> Protocol = Keys.Add(
        new ChoiceKey<UpstreamProtocol>(
            "protocol",
            "what the endpoint speaks",
            ("openai", UpstreamProtocol.OpenAi),
            ("anthropic", UpstreamProtocol.Anthropic)),
        u => u.Protocol,
        (u, v) => u with { Protocol = v });

    public static readonly ConfigKey<Secret> ApiKey = Keys.AddOptional(
        new SecretKey("api_key", "the key itself; better name a variable with api_key_env") { IsSecret = true, Example = "\"sk-…\"" },
        u => u.Credentials.ApiKey,
        (u, v) => u with { Credentials = u.Credentials with { ApiKey = v.Reveal().Length > 0 ? v : null } });

    public static readonly ConfigKey<string> ApiKeyEnv = Keys.AddOptional(
        new TextKey("api_key_env", "environment variable holding the key")
        {
            Details = "An endpoint that asks for no key needs neither this nor the others.",
            Example = "\"QUICK_API_KEY\"",
        },
        u => u.Credentials.ApiKeyEnv,
        (u, v) => u with { Credentials = u.Credentials with { ApiKeyEnv = v.Length > 0 ? v : null } });

    public static readonly ConfigKey<SecretFile> ApiKeyFile = Keys.AddOptional(
        new SecretFileKey("api_key_file", "file holding the key, such as a mounted secret; beats api_key")
        {
            Details = "Its last line break does not count, and a change of it does. Relative paths start at the directory of the configuration.",
            Example = "\"/run/secrets/quick-api-key\"",
        },
        u => u.Credentials.ApiKeyFile,
        (u, v) => u with { Credentials = u.Credentials with { ApiKeyFile = v } });

    public static readonly ConfigKey<bool> ApiKeyFrom = Keys.AddOptional(
        new ChoiceKey<bool>("api_key_from", "whose key is sent: \"client\" = the caller's own, and nobody else's", ("client", true))
        {
            WhenAbsent = "the gateway's",
            Details = "It is what the caller sends as Authorization: Bearer, x-api-key or api-key. Where the gateway wants its own token too, the caller sends both, "
                + "in two of these headers, and the one that is not the token is the key. It goes to upstreams with this setting only; without one the answer is 401.",
            Example = "\"client\"",
        },
        u => u.Credentials.FromCaller ? true : null,
        (u, v) => u with { Credentials = u.Credentials with { FromCaller = v } });

    public static readonly ConfigKey<KeyScheme> Auth = Keys.AddOptional(
        new ChoiceKey<KeyScheme>(
            "auth",
            "how the key is shown",
            ("bearer", KeyScheme.Bearer),
            ("x-api-key", KeyScheme.XApiKey),
            ("api-key", KeyScheme.ApiKey),
            ("query", KeyScheme.Query),
            ("none", KeyScheme.None))
        {
            WhenAbsent = "\"bearer\" for OpenAI's protocol, \"x-api-key\" for Anthropic's",
            Details = "As Authorization: Bearer, in a header of that name, as the query's key, or not at all.",
            Example = "\"api-key\"",
        },
        u => u.Auth,
        (u, v) => u with { Auth = v });

    public static readonly ConfigKey<string> BasicAuthUser = Keys.AddOptional(
        new TextKey("basic_auth_user", "user of HTTP basic authentication") { Details = "It goes instead of a key.", Example = "\"gateway\"" },
        u => u.Credentials.BasicUser,
        (u, v) => u with { Credentials = u.Credentials with { BasicUser = v } });

    public static readonly ConfigKey<Secret> BasicAuthPass = Keys.AddOptional(
        new SecretKey("basic_auth_pass", "password of HTTP basic authentication") { IsSecret = true, Example = "\"change-me\"" },
        u => u.Credentials.BasicPass,
        (u, v) => u with { Credentials = u.Credentials with { BasicPass = v } });

    public static readonly ConfigKey<string> BasicAuthPassEnv = Keys.AddOptional(
        new TextKey("basic_auth_pass_env", "environment variable holding the password") { Example = "\"CAREFUL_PASSWORD\"" },
        u => u.Credentials.BasicPassEnv,
        (u, v) => u with { Credentials = u.Credentials with { BasicPassEnv = v } });

    public static readonly ConfigKey<SecretFile> BasicAuthPassFile = Keys.AddOptional(
        new SecretFileKey("basic_auth_pass_file", "file holding the password") { Details = "As with api_key_file.", Example = "\"/run/secrets/careful-password\"" },
        u => u.Credentials.BasicPassFile,
        (u, v) => u with { Credentials = u.Credentials with { BasicPassFile = v } });

    public static readonly ModalitiesKey Modalities = Keys.Add(
        new ModalitiesKey("modalities", "what the model can read"),
        (key, section, u) => section.Has(key) ? u with { Modalities = key.Read(section) } : u,
        u => ModalitiesKey.Write(u.Modalities));

    public static readonly ConfigKey<bool> HasCompletions = Keys.AddOptional(
        new FlagKey("completions", "whether the endpoint has /completions")
        {
            Details = "Then /v1/completions is asked there, unchanged. Unset, what no chat can answer (suffixes, fill-in-the-middle, several prompts, echo, log probabilities) is asked there where the list of models is vLLM's, SGLang's, llama.cpp's or KoboldCpp's.",
            Example = "true",
        },
        u => u.HasCompletions,
        (u, v) => u with { HasCompletions = v });

    public static readonly ConfigKey<bool> SupportsFunctionCalling = Keys.Add(
        new FlagKey("supports_function_calling", "whether the model can call functions"),
        u => u.SupportsFunctionCalling,
        (u, v) => u with { SupportsFunctionCalling = v });

    public static readonly ConfigKey<bool> SupportsThinking = Keys.Add(
        new FlagKey("supports_thinking", "whether the model reasons; lets chat_template_kwargs through"),
        u => u.SupportsThinking,
        (u, v) => u with { SupportsThinking = v });

    public static readonly ConfigKey<bool> RequiresLeadingSystemOnly = Keys.Add(
        new FlagKey("requires_leading_system_only", "later system messages are sent as user messages")
        {
            Details = "For chat templates that accept a system message only at the start.",
        },
        u => u.RequiresLeadingSystemOnly,
        (u, v) => u with { RequiresLeadingSystemOnly = v });

    public static readonly ConfigKey<ReasoningStrip> StripReasoning = Keys.Add(
        new ChoiceKey<ReasoningStrip>(
            "strip_reasoning",
            "how reasoning inside the answer's text is removed",
            ("leading", ReasoningStrip.Leading),
            ("prefilled", ReasoningStrip.Prefilled),
            ("anywhere", ReasoningStrip.Anywhere),
            ("off", ReasoningStrip.Off))
        {
            Details = "A block at the start; one that the chat template opened itself; any block anywhere, which buffers streams; not at all.",
        },
        u => u.StripReasoning,
        (u, v) => u with { StripReasoning = v });

    public static readonly ConfigKey<ToolImagePlace> ToolImages = Keys.AddOptional(
        new ChoiceKey<ToolImagePlace>(
            "tool_images",
            "where images, files and sounds in the outputs of tools go",
            ("tool", ToolImagePlace.Tool),
            ("user", ToolImagePlace.User))
        {
            WhenAbsent = "\"user\" for OpenAI's protocol, \"tool\" for Anthropic's",
            Details = "\"user\" moves them into one user message behind the outputs, since most chat APIs take text alone from tools.",
            Example = "\"tool\"",
        },
        u => u.ToolImages,
        (u, v) => u with { ToolImages = v });

    public static readonly ConfigKey<bool> StreamUsage = Keys.Add(
        new FlagKey("stream_usage", "ask for usage in streams although the client did not"),
        u => u.StreamUsage,
        (u, v) => u with { StreamUsage = v });

    public static readonly ConfigKey<int> Retries = Keys.Add(
        new IntegerKey("retries", "extra attempts where no other member can answer", 0, 5),
        u => u.Retries,
        (u, v) => u with { Retries = v });

    public static readonly ConfigKey<TimeSpan> MaxRetryWait = Keys.Add(
        new SecondsKey("max_retry_wait_secs", "the longest wait before an extra attempt", new NumberRange(0, 3600))
        {
            Details = "An upstream whose Retry-After is longer is not waited for: its failure goes out at once. 0 = extra attempts follow without a wait, or not at all.",
        },
        u => u.MaxRetryWait,
        (u, v) => u with { MaxRetryWait = v });

    public static readonly ConfigKey<TimeSpan> ConnectTimeout = Keys.Add(
        new SecondsKey("connect_timeout_secs", "time to connect", NumberRange.Above(0)),
        u => u.ConnectTimeout,
        (u, v) => u with { ConnectTimeout = v });

    public static readonly ConfigKey<TimeSpan> FirstByteTimeout = Keys.AddOptional(
        new SecondsKey("first_byte_timeout_secs", "time to the reply's first byte", NumberRange.Above(0)) { WhenAbsent = "no limit", Example = "60.0" },
        u => u.FirstByteTimeout,
        (u, v) => u with { FirstByteTimeout = v });

    public static readonly ConfigKey<TimeSpan> IdleTimeout = Keys.Add(
        new SecondsKey("idle_timeout_secs", "silence in a streamed reply after which it counts as broken", NumberRange.Above(0)),
        u => u.IdleTimeout,
        (u, v) => u with { IdleTimeout = v });

    public static readonly ConfigKey<int> MaxConcurrency = Keys.AddOptional(
        new IntegerKey("max_concurrency", "calls in flight at once", 1)
        {
            WhenAbsent = "no limit",
            Details = "Without queue_secs one more call goes to the next member at once.",
            Example = "8",
        },
        u => u.MaxConcurrency,
        (u, v) => u with { MaxConcurrency = v });

    public static readonly ConfigKey<TimeSpan> Queue = Keys.Add(
        new SecondsKey("queue_secs", "how long a call waits for a place at max_concurrency", new NumberRange(0, 3600))
        {
            Details = "First come, first served; the wait counts against the request's time. Then, and with 0 at once, the call goes to the next member or is refused.",
        },
        u => u.Queue,
        (u, v) => u with { Queue = v });

    public static readonly ConfigKey<string> Proxy = Keys.Add(
        new UrlKey("proxy", "\"env\", \"none\" or a proxy URL")
        {
            IsSecret = true,
            Details = "\"env\" follows HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY as curl does, lower case before upper case. NO_PROXY lists hosts with all below them, "
                + "addresses, networks (10.0.0.0/8) and host:port, between commas; \"*\" is everything. This machine's own addresses are no exception: name localhost there.",
        },
        u => u.Proxy,
        (u, v) => u with { Proxy = v });

    public static readonly TableKey Tls = Keys.Add(
        new TableKey("tls", "whom an https endpoint is trusted by, and what it is shown", UpstreamOptionTables.Tls),
        UpstreamOptionTables.Tls,
        u => u.Tls,
        (u, v) => u with { Tls = v });

    public static readonly ConfigKey<string> Health = Keys.Add(
        new HealthKey("health", "how health probes look: by the list of models, not at all, or by a path of the endpoint's host")
        {
            Details = "An endpoint without GET /models, and any with \"none\", counts as up until a call says otherwise. A path is asked for with the key and must answer 2xx.",
        },
        u => u.Health,
        (u, v) => u with { Health = v });

    public static readonly TableKey ChatTemplateKwargs = Keys.Add(
        new TableKey("chat_template_kwargs", "arguments for the chat template, sent when supports_thinking")
        {
            Details = "They take the place of the client's.",
            Example = "{ enable_thinking = false }",
        },
        (key, section, u) => section.Section(key) is { } table ? u with { ChatTemplateKwargsJson = JsonSetting.Object(table) } : u,
        u => u.ChatTemplateKwargsJson is { } json ? Mask.Settings(JsonSetting.ToToml(json)) : null);

    public static readonly TableKey RequestOverrides = Keys.Add(
        new TableKey("request_overrides", "top-level members put over every request body")
        {
            Details = "model, messages, stream and the token limits belong to the gateway.",
            Example = "{ top_p = 0.95, repetition_penalty = 1.05 }",
        },
        (key, section, u) => section.Section(key) is { } table ? u with { RequestOverrides = [.. JsonSetting.Members(table)] } : u,
        u => u.RequestOverrides.IsEmpty ? null : Mask.Settings(TomlTable.Of(u.RequestOverrides.Select(o => (o.Key, JsonSetting.ToToml(o.Value))))));

    public static readonly HeadersKey Headers = Keys.Add(
        new HeadersKey("headers", "headers added to every call") { Example = "{ x-team = \"research\" }" },
        (key, section, u) => key.Read(section) is { } headers ? u with { Headers = headers } : u,
        u => HeadersKey.Write(u.Headers));

    public static readonly TableKey Price = Keys.Add(
        new TableKey("price", "what the model costs", UpstreamOptionTables.Price),
        UpstreamOptionTables.Price,
        u => u.Price,
        (u, v) => u with { Price = v });

    public static readonly TableKey Hedge = Keys.Add(
        new TableKey("hedge", "a second call when the first token is late", UpstreamOptionTables.Hedge),
        UpstreamOptionTables.Hedge,
        u => u.Hedge,
        (u, v) => u with { Hedge = v });

    public static readonly TableKey OpenAi = Keys.Add(
        new TableKey("openai", "options of protocol = \"openai\"", UpstreamOptionTables.OpenAi),
        UpstreamOptionTables.OpenAi,
        u => u.OpenAi,
        (u, v) => u with { OpenAi = v });

    public static readonly TableKey Anthropic = Keys.Add(
        new TableKey("anthropic", "options of protocol = \"anthropic\"", UpstreamOptionTables.Anthropic),
        UpstreamOptionTables.Anthropic,
        u => u.Anthropic,
        (u, v) => u with { Anthropic = v });
}
