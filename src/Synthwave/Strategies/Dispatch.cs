using Synthwave.Chat;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Telemetry;
using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>One request on its way through a strategy.</summary>
internal sealed record Dispatch
{
    public required ChatRequest Request { get; init; }

    /// <summary>The request's body with the operator's system prompt in front.</summary>
    public required ChatBody Body { get; init; }

    /// <summary>When the answer must be complete, or a stream committed.</summary>
    public required Deadline Deadline { get; init; }

    public required DispatchReport Report { get; init; }

    public required ServerConfig Server { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Estimated prompt tokens, the operator's system prompt included.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>What <c>max_stream_secs</c>, counted from the request's start, leaves for a stream that commits now; zero = no limit.</summary>
    public TimeSpan RemainingStreamTime()
    {
        if (Server.MaxStream == TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var left = Server.MaxStream - Time.GetElapsedTime(Report.StartedAt);
        return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>How <paramref name="upstream"/>'s output becomes the answer of a profile.</summary>
    public AnswerPolicy PolicyFor(UpstreamConfig upstream, bool exposeReasoning, bool rescue) => new()
    {
        ExposeReasoning = exposeReasoning,
        Strip = upstream.StripReasoning,
        Rescue = rescue,
        Brand = Server.ModelName,
        WantsUsage = Request.IncludeUsage,
        MaxHeldBytes = Server.MaxReplyBytes,
        Contract = ToolContract.Of(Request),
    };
}
