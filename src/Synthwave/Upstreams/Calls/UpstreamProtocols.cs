using Synthwave.Configuration;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols;
using Synthwave.Upstreams.Protocols.Anthropic;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.Upstreams.Calls;

/// <summary>The protocols this gateway speaks.</summary>
internal static class UpstreamProtocols
{
    /// <summary>What local servers speak beside any API too; nothing of it is remembered.</summary>
    public static IUpstreamProtocol OpenAi { get; } = new OpenAiProtocol(new AnswerLabels("", TimeProvider.System));

    /// <summary>The one an upstream is configured for.</summary>
    public static IUpstreamProtocol Of(UpstreamConfig config, UpstreamState state, TimeProvider time) => config.Protocol switch
    {
        UpstreamProtocol.OpenAi => new OpenAiProtocol(new AnswerLabels(config.ModelId, time), state.Thinking),
        UpstreamProtocol.Anthropic => new AnthropicProtocol(state.Thinking, time),
        _ => throw new ArgumentOutOfRangeException(nameof(config), config.Protocol, "No such protocol."),
    };
}
