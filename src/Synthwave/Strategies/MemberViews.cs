using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Strategies.Prompts;

namespace Synthwave.Strategies;

/// <summary>What one member is sent of the conversation, and its estimate.</summary>
/// <param name="Body">The request's body; in the place of each part the member cannot read stands what it was, in words.</param>
/// <param name="PromptTokens">Estimate of its messages.</param>
internal readonly record struct MemberView(ChatBody Body, int PromptTokens)
{
    /// <summary>The body's <c>messages</c>.</summary>
    public ReadOnlyMemory<byte> Messages => Body.TryGet("messages", out var messages) ? messages : throw new InvalidOperationException("A request found valid has messages.");
}

/// <summary>
/// What each member is sent of one conversation: all of it, or, where it holds images, video or audio a member cannot read, a view for its kinds, made when
/// first asked for. Thread-safe.
/// </summary>
internal sealed class MemberViews
{
    private readonly Modalities _kinds;
    private readonly Modalities _assumed;
    private readonly Func<ReadOnlyMemory<byte>, string?> _describe;

    // By the kinds a member reads; null = there is nothing but text.
    private readonly Dictionary<Modalities, MemberView>? _fitted;

    /// <param name="whole">The conversation.</param>
    /// <param name="kinds">What it holds, in all its turns.</param>
    /// <param name="needs">What a model must read to answer the newest turn.</param>
    /// <param name="assumesFiles">Whether files go on as they came to chat servers of which nothing is known about it.</param>
    /// <param name="describe">What is known of an image, given its raw part; null = nothing.</param>
    public MemberViews(MemberView whole, Modalities kinds, Modalities needs, bool assumesFiles, Func<ReadOnlyMemory<byte>, string?> describe)
    {
        Whole = whole;
        _kinds = kinds;
        Needs = needs;
        _describe = describe;
        _assumed = assumesFiles ? Modalities.File : Modalities.None;
        _fitted = kinds is Modalities.Text ? null : [];
    }

    /// <summary>For whoever reads all of it.</summary>
    public MemberView Whole { get; }

    /// <summary>What a model must read to answer the newest turn.</summary>
    public Modalities Needs { get; }

    /// <summary>The views of a conversation that is text, which everybody reads.</summary>
    public static MemberViews OfText(ChatBody body, int promptTokens) => new(new(body, promptTokens), Modalities.Text, Modalities.Text, false, static _ => null);

    /// <summary>The same conversation with its newest turn put into words.</summary>
    /// <param name="messages">In the place of the body's.</param>
    public MemberViews Told(ReadOnlyMemory<byte> messages) =>
        new(new(Whole.Body.With("messages", messages), MessageTokens.OfAll(messages.Span)), _kinds, Modalities.Text, _assumed is not Modalities.None, _describe);

    /// <summary>The same conversation without what costs no tokens.</summary>
    /// <param name="messages">In the place of the body's.</param>
    public MemberViews Leaner(ReadOnlyMemory<byte> messages) => new(Whole with { Body = Whole.Body.With("messages", messages) }, _kinds, Needs, _assumed is not Modalities.None, _describe);

    /// <summary>What <paramref name="upstream"/> is sent.</summary>
    public MemberView For(UpstreamConfig upstream)
    {
        if (_fitted is null || (_kinds & ~ReadableBy(upstream)) is Modalities.None)
        {
            return Whole;
        }

        var readable = ReadableBy(upstream) & _kinds;
        lock (_fitted)
        {
            if (!_fitted.TryGetValue(readable, out var view))
            {
                view = Fit(readable);
                _fitted.Add(readable, view);
            }

            return view;
        }
    }

    // A text part stands in the place of each part that cannot be read.
    private MemberView Fit(Modalities readable)
    {
        var fitted = MediaParts.Replace(
            Whole.Messages,
            (kind, part) => readable.HasFlag(kind) ? null : (kind is Modalities.Image ? _describe(part) : null) ?? ImageWords.Omitted(kind));
        return fitted is { } messages ? new(Whole.Body.With("messages", messages), MessageTokens.OfAll(messages.Span)) : Whole;
    }

    /// <summary>Whether <paramref name="with"/> reads whatever of the conversation <paramref name="first"/> was sent.</summary>
    public bool ReadsNoLess(UpstreamConfig with, UpstreamConfig first) => (_kinds & ReadableBy(first) & ~ReadableBy(with)) is Modalities.None;

    private Modalities ReadableBy(UpstreamConfig upstream) => upstream.Readable | _assumed;

    /// <summary>
    /// An estimate for <see cref="Upstreams.UpstreamCall.PromptTokens"/>, which upstreams are calibrated with; null = the conversation holds more than text,
    /// whose estimate is none.
    /// </summary>
    public int? TextTokens(long promptTokens) => _kinds is Modalities.Text ? TokenEstimator.Clamp(promptTokens) : null;
}
