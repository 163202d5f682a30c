using System.Collections.Immutable;

namespace Synthwave.Commands.Discovery;

/// <summary>A place where models may be found: a usual local port, or a provider whose key variable may be set.</summary>
/// <param name="Name">Begins the names of its upstreams.</param>
/// <param name="Title">For people.</param>
/// <param name="BaseUrl">Without a slash at the end.</param>
/// <param name="KeyVariable">Null = local, no key.</param>
internal sealed record KnownEndpoint(string Name, string Title, string BaseUrl, string? KeyVariable = null)
{
    /// <summary>Speaks Anthropic's protocol instead of OpenAI's.</summary>
    public bool Anthropic { get; init; }

    /// <summary>Beginnings of the model ids to prefer, best first; empty = no preference.</summary>
    public ImmutableArray<string> Prefer { get; init; } = [];

    public bool IsLocal => KeyVariable is null;

    /// <summary>Two entries of one name are two key variables for one provider: the first that is set counts.</summary>
    public static ImmutableArray<KnownEndpoint> All { get; } =
    [
        new("ollama", "Ollama", "http://127.0.0.1:11434/v1"),
        new("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1"),
        new("vllm", "vLLM", "http://127.0.0.1:8000/v1"),
        new("llamacpp", "llama.cpp", "http://127.0.0.1:8080/v1"),
        new("openai", "OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY") { Prefer = ["gpt-"] },
        new("anthropic", "Anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY") { Anthropic = true, Prefer = ["claude-sonnet", "claude-opus", "claude-haiku"] },
        new("gemini", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY") { Prefer = ["models/gemini-", "gemini-"] },
        new("gemini", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GOOGLE_API_KEY") { Prefer = ["models/gemini-", "gemini-"] },
        new("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY") { Prefer = ["anthropic/claude-sonnet", "openai/gpt-", "google/gemini-"] },
        new("groq", "Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY") { Prefer = ["openai/gpt-oss", "llama-", "qwen/"] },
        new("mistral", "Mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY") { Prefer = ["mistral-large", "mistral-medium", "mistral-small"] },
        new("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY") { Prefer = ["deepseek-chat"] },
        new("xai", "xAI", "https://api.x.ai/v1", "XAI_API_KEY") { Prefer = ["grok-"] },
        new("together", "Together AI", "https://api.together.xyz/v1", "TOGETHER_API_KEY") { Prefer = ["meta-llama/", "Qwen/", "deepseek-ai/"] },
        new("fireworks", "Fireworks AI", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
        new("cerebras", "Cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    ];
}
