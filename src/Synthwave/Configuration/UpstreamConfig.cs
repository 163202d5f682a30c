using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Providers;

namespace Synthwave.Configuration;

/// <summary><c>[upstreams.x]</c>: one model endpoint. JSON-valued settings hold compact JSON text, ready to be spliced into a body.</summary>
internal sealed record UpstreamConfig
{
    public required string Name { get; init; }

    /// <summary>The preset, or the table under <c>[providers]</c>, that told what the upstream's own table does not; null = none.</summary>
    public string? Provider { get; init; }

    /// <summary>Sent as <c>model</c>, and looked for in the endpoint's catalog.</summary>
    public required string ModelId { get; init; }

    /// <summary>As written or made right, trailing slashes removed. Not necessarily a valid URL: then every call fails as misconfigured.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>Context window, tokens.</summary>
    public required int Context { get; init; }

    /// <summary>Largest completion, tokens.</summary>
    public required int MaxOutput { get; init; }

    public UpstreamProtocol Protocol { get; init; } = UpstreamProtocol.OpenAi;

    public bool SupportsThinking { get; init; }

    /// <summary>JSON object replacing the client's <c>chat_template_kwargs</c> when <see cref="SupportsThinking"/>; null = none configured.</summary>
    public string? ChatTemplateKwargsJson { get; init; }

    public bool RequiresLeadingSystemOnly { get; init; }

    /// <summary>Top-level members merged over every body: name and compact JSON value, in file order.</summary>
    public ImmutableArray<KeyValuePair<string, string>> RequestOverrides { get; init; } = [];

    public Modalities Modalities { get; init; } = Modalities.Text;

    /// <summary>What can be put to it: documents go to every model that is spoken to in Anthropic's protocol, which knows no other.</summary>
    public Modalities Readable => Protocol is UpstreamProtocol.Anthropic ? Modalities | Modalities.File : Modalities;

    public bool SupportsFunctionCalling { get; init; } = true;

    /// <summary>Present when <c>[upstreams.x.openai]</c> is written.</summary>
    public OpenAiOptions? OpenAi { get; init; }

    /// <summary>Present when <c>[upstreams.x.anthropic]</c> is written.</summary>
    public AnthropicOptions? Anthropic { get; init; }

    public UpstreamCredentials Credentials { get; init; } = new();

    /// <summary>How the key is shown; null = as is usual in <see cref="Protocol"/>.</summary>
    public KeyScheme? Auth { get; init; }

    /// <summary>Whether the endpoint has <c>/completions</c>, where the text of a prompt is continued; null = its list of models may show it.</summary>
    public bool? HasCompletions { get; init; }

    /// <summary>Whether a client's limit above <see cref="MaxOutput"/> is lowered to it.</summary>
    public bool ClampMaxTokens { get; init; } = true;

    /// <summary>Extra attempts where no other member can answer, 0–5.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>The longest wait before a retry, from zero. An upstream that asks for a longer one is not waited for, and our own waits are never longer.</summary>
    public TimeSpan MaxRetryWait { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>To the reply's first byte; null = none. Binds buffered calls only when set, since their head comes with the finished answer.</summary>
    public TimeSpan? FirstByteTimeout { get; init; }

    /// <summary>Between bytes of a streamed reply.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Calls in flight at once; null = no limit.</summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>How long a call waits for a place among them before it counts as overloaded; zero = not at all.</summary>
    public TimeSpan Queue { get; init; }

    /// <summary>Headers added to every call.</summary>
    public FrozenDictionary<string, Secret> Headers { get; init; } = FrozenDictionary<string, Secret>.Empty;

    public ReasoningStrip StripReasoning { get; init; } = ReasoningStrip.Leading;

    /// <summary>Where images in the outputs of tools go; null = as the upstream's protocol has it.</summary>
    public ToolImagePlace? ToolImages { get; init; }

    /// <summary>Ask for usage in streams although the client did not.</summary>
    public bool StreamUsage { get; init; } = true;

    /// <summary><c>env</c>, <c>none</c> or a proxy URL.</summary>
    public string Proxy { get; init; } = "env";

    /// <summary>Null = the system's authorities are trusted and no certificate is shown.</summary>
    public TlsConfig? Tls { get; init; }

    /// <summary><c>models</c>, <c>none</c>, or a path of the endpoint's host, which starts with a slash.</summary>
    public string Health { get; init; } = "models";

    public PriceConfig? Price { get; init; }

    public HedgeConfig? Hedge { get; init; }

    /// <summary>What outlives a reload (health, breaker, latencies, counters) belongs to this.</summary>
    public UpstreamIdentity Identity => new(Name, BaseUrl, ModelId);
}

/// <summary>The key of everything about an upstream that outlives a reload.</summary>
internal readonly record struct UpstreamIdentity(string Name, string BaseUrl, string ModelId);

internal enum UpstreamProtocol { OpenAi, Anthropic }

/// <summary>What a model can read.</summary>
[Flags]
internal enum Modalities
{
    None = 0,
    Text = 1,
    Image = 2,
    Video = 4,
    Audio = 8,

    /// <summary>Documents: PDF and text files.</summary>
    File = 16,
}

/// <summary>How reasoning written into the answer's text is removed.</summary>
internal enum ReasoningStrip
{
    /// <summary>Only a block the answer starts with.</summary>
    Leading,

    /// <summary>The chat template opened the block: text is reasoning until a closing tag.</summary>
    Prefilled,

    /// <summary>Any block anywhere in the text; streams are buffered.</summary>
    Anywhere,

    Off,
}

/// <summary>Where what a tool returned beside text is sent.</summary>
internal enum ToolImagePlace
{
    /// <summary>In the tool message, as the client has it.</summary>
    Tool,

    /// <summary>In a user message behind all tool messages of the turn.</summary>
    User,
}

/// <summary><c>[upstreams.x.openai]</c>.</summary>
internal sealed record OpenAiOptions
{
    /// <summary><c>none</c>, <c>minimal</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>; null = leave the client's.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary><c>max_tokens</c> or <c>max_completion_tokens</c>.</summary>
    public string MaxTokensParam { get; init; } = "max_tokens";

    /// <summary>Whether <see cref="MaxTokensParam"/> was written in the file, so that both spellings are normalised to it.</summary>
    public bool MaxTokensParamIsExplicit { get; init; }

    public ImmutableArray<string> DropParams { get; init; } = [];

    /// <summary><c>keep</c>, or <c>system</c>: the role <c>developer</c> messages are sent with.</summary>
    public string DeveloperRole { get; init; } = "keep";

    /// <summary><c>keep</c> or <c>string</c>: whether contents that are a list of nothing but texts are sent as one string.</summary>
    public string TextContent { get; init; } = "keep";
}

/// <summary><c>[upstreams.x.anthropic]</c>.</summary>
internal sealed record AnthropicOptions
{
    public string Version { get; init; } = "2023-06-01";

    /// <summary><c>adaptive</c>, <c>enabled</c>, <c>off</c>; null = off.</summary>
    public string? Thinking { get; init; }

    /// <summary><c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>.</summary>
    public string? Effort { get; init; }

    public int? BudgetTokens { get; init; }

    /// <summary><c>auto</c> marks tools, system and the newest user turn for the provider's cache; <c>off</c> leaves marks to the client.</summary>
    public string PromptCache { get; init; } = "off";

    /// <summary>Members never sent.</summary>
    public ImmutableArray<string> DropParams { get; init; } = [];
}

/// <summary>How a call authenticates: a variable beats a file, which beats what is written. Variables are read at each call, never kept; files with the configuration.</summary>
internal sealed record UpstreamCredentials
{
    public Secret? ApiKey { get; init; }

    public string? ApiKeyEnv { get; init; }

    public SecretFile? ApiKeyFile { get; init; }

    /// <summary>The caller's own key is sent, and nothing else.</summary>
    public bool FromCaller { get; init; }

    public string? BasicUser { get; init; }

    public Secret? BasicPass { get; init; }

    public string? BasicPassEnv { get; init; }

    public SecretFile? BasicPassFile { get; init; }
}

/// <summary>USD per million tokens.</summary>
internal sealed record PriceConfig(decimal Input, decimal Output, decimal? CachedInput)
{
    /// <summary>Of input tokens written to the provider's cache; null = <see cref="Input"/>.</summary>
    public decimal? CacheWrite { get; init; }
}

/// <summary>A second call when the first token is late.</summary>
internal sealed record HedgeConfig
{
    /// <summary>Fixed delay; null = the learned 95th percentile.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>Share of calls that may be hedged, 0–1.</summary>
    public double Budget { get; init; } = 0.05;

    /// <summary>Upstream of the second call; null = the same.</summary>
    public string? With { get; init; }
}
