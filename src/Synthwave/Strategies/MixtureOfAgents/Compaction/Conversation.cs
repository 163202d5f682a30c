using Synthwave.Chat.Requests;
using Synthwave.Strategies.Prompts;

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>
/// The messages of a request, indexed and estimated once, and fitted to as many budgets as there are readers. Keeps referring to the bytes it was
/// made from. Immutable.
/// </summary>
/// <remarks>
/// What is kept, in order: every leading system message and the newest user turn, never shortened; the newest group; the first exchange; then history
/// without holes from the newest back, by turns, a turn only partly kept keeping its question. Before a turn is dropped, tool results older than the
/// newest group are cut in the middle, the oldest first. Messages of system, user and assistant stay word for word, save the first exchange.
/// </remarks>
internal sealed class Conversation
{
    /// <summary>Bytes down to which a tool result of older turns may be cut, and from which arguments may be left out: 256 tokens.</summary>
    private const int HistoryFloor = 716;

    /// <summary>The same where the message itself must stay: little more than the mark.</summary>
    private const int TightFloor = 96;

    private readonly MessageText[] _texts;

    private Conversation(ReadOnlyMemory<byte> json)
    {
        Json = json;
        (Messages, _texts, var groups) = new ConversationReader(json.Span).Read();
        Layout = new ConversationLayout(Messages, groups);
        long total = 0;
        foreach (ref readonly var message in Messages.AsSpan())
        {
            total += message.Tokens;
        }

        Tokens = TokenEstimator.Clamp(total);
        LeastTokens = TokenEstimator.Clamp(Math.Min(total, Math.Min(Least(_ => true), Least(Layout.IsMandatory) + CompactionWords.PartsLeftOutTokens)));
    }

    /// <summary>Estimate of all messages.</summary>
    public int Tokens { get; }

    /// <summary>The smallest budget that can be met.</summary>
    public int LeastTokens { get; }

    internal ReadOnlyMemory<byte> Json { get; }

    internal ConversationMessage[] Messages { get; }

    internal ConversationLayout Layout { get; }

    /// <summary>Indexes a <c>messages</c> array of a request found valid.</summary>
    public static Conversation Of(ReadOnlyMemory<byte> messages) => new(messages);

    internal ReadOnlySpan<MessageText> TextsOf(in ConversationMessage message) => _texts.AsSpan(message.FirstText, message.TextCount);

    /// <summary>What a message costs with its tool results cut, or the arguments of its calls left out, as far as its place allows.</summary>
    internal int LeastOf(int message, bool isTight)
    {
        ref readonly var m = ref Messages[message];
        return m.TextCount == 0 ? m.Tokens
            : m.HasCalls ? m.Tokens - ArgumentTokens(m)
            : m.Role is MessageRole.Tool ? m.Tokens - ContentTokens(m, isTight ? TightFloor : HistoryFloor)
            : m.Tokens;
    }

    /// <summary>What a message costs with its text cut as far as possible.</summary>
    internal int LeastOfCut(int message) => Messages[message].Tokens - ContentTokens(Messages[message], TightFloor);

    /// <summary>Whether arguments so long may be left out.</summary>
    internal static bool IsLong(in MessageText arguments) => arguments.Kind is not MessageTextKind.Content && arguments.Bytes > HistoryFloor;

    private int ArgumentTokens(in ConversationMessage message)
    {
        var saved = 0;
        foreach (ref readonly var text in TextsOf(message))
        {
            saved += IsLong(text) ? TokenEstimator.Text(text.Bytes) - TokenEstimator.Text(CompactionWords.ArgumentsLeftOutBytes) : 0;
        }

        return saved;
    }

    private int ContentTokens(in ConversationMessage message, int floor)
    {
        var saved = 0;
        foreach (ref readonly var text in TextsOf(message))
        {
            saved += text.Kind is MessageTextKind.Content ? Math.Max(0, text.Bytes - floor) : 0;
        }

        return TokenEstimator.Text(message.ContentBytes) - TokenEstimator.Text(message.ContentBytes - saved);
    }

    private long Least(Func<int, bool> keeps)
    {
        long sum = 0;
        for (var group = 0; group < Layout.GroupCount; group++)
        {
            sum += keeps(group) ? LeastOfGroup(group) : 0;
        }

        return sum;
    }

    /// <summary>The least a group costs where it stands.</summary>
    internal long LeastOfGroup(int group)
    {
        long sum = 0;
        var isTight = Layout.IsMandatory(group);
        for (var message = Layout.StartOf(group); message < Layout.EndOf(group); message++)
        {
            sum += LeastOf(message, isTight);
        }

        return sum;
    }
}
