using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;

namespace Synthwave.Strategies;

/// <summary>What one member is sent of the conversation, and its estimate.</summary>
/// <param name="Body">The request's body; in the place of each part the member cannot read stands what it was, in words.</param>
/// <param name="PromptTokens">Estimate of its messages.</param>
internal readonly record struct MemberView(ChatBody Body, int PromptTokens)
{
    /// <summary>The body's <c>messages</c>.</summary>
    public ReadOnlyMemory<byte> Messages => Body.TryGet("messages", out var messages) ? messages : throw new InvalidOperationException("A request found valid has messages.");
}

/// <summary>The views of one request with images, video or audio: one per set of kinds that members read, made when first asked for. Thread-safe.</summary>
/// <param name="describe">What is known of an image, given its raw part; null = nothing.</param>
internal sealed class MemberViews(Func<ReadOnlyMemory<byte>, string?> describe)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ChatBody Body, Modalities Readable), MemberView> _known = [];

    /// <summary>What a member that reads <paramref name="readable"/> is sent of <paramref name="whole"/>.</summary>
    public MemberView Of(MemberView whole, Modalities readable)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue((whole.Body, readable), out var view))
            {
                view = MediaParts.Fit(whole.Messages, readable, describe) is { } fitted ? new(whole.Body.With("messages", fitted), TokenEstimator.Messages(fitted.Span)) : whole;
                _known.Add((whole.Body, readable), view);
            }

            return view;
        }
    }
}
