using Synthwave.Chat.Completions;

namespace Synthwave.Upstreams.Protocols;

/// <summary>A buffered reply in OpenAI's shape, or the fault it is, with what it says about itself.</summary>
internal readonly record struct ProtocolReply(UpstreamReply Reply)
{
    /// <summary>The name the model gives itself; null = none.</summary>
    public string? Model { get; init; }

    public TokenUsage? Usage { get; init; }

    /// <summary>The first choice's finish reason; null = none or unknown.</summary>
    public string? FinishReason { get; init; }
}
