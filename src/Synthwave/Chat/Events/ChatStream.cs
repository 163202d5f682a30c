using Synthwave.Json;

namespace Synthwave.Chat.Events;

/// <summary>
/// A forward-only sequence of chat stream events, read by looking and, where there is nothing to see yet, waiting: an event that is here costs no
/// asynchronous call in any layer. <see cref="Current"/> and its buffers are valid until the next <see cref="Step"/> or <see cref="WaitAsync"/>.
/// Not thread-safe. Disposing releases the connection behind it, whether or not the end was reached.
/// </summary>
internal abstract class ChatStream : IAsyncDisposable
{
    /// <summary>The event found by the last <see cref="Step"/>.</summary>
    public ChatStreamEvent Current { get; protected set; }

    /// <summary>After the end: null when the stream finished properly, otherwise why it did not.</summary>
    public GatewayError? Failure { get; protected set; }

    /// <summary>After an end without failure and without <see cref="StreamEventKind.Done"/>: something more had begun to come, and is lost.</summary>
    public bool HasLostRest { get; protected set; }

    /// <summary>Advances to the next event if it can be had without waiting.</summary>
    public abstract StreamStep Step();

    /// <summary>
    /// Waits for the network, after <see cref="StreamStep.Pending"/>. What came of it, the next <see cref="Step"/> says; it may be pending again. Throws
    /// only on cancellation.
    /// </summary>
    public abstract ValueTask WaitAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What a look at a stream came to.</summary>
internal enum StreamStep
{
    /// <summary><see cref="ChatStream.Current"/> holds the next event.</summary>
    Event,

    /// <summary>The next event, or the end, takes a <see cref="ChatStream.WaitAsync"/>.</summary>
    Pending,

    /// <summary>The end, proper or not: see <see cref="ChatStream.Failure"/>.</summary>
    End,
}

internal enum StreamEventKind
{
    /// <summary>A <c>chat.completion.chunk</c> object.</summary>
    Chunk,

    /// <summary>The <c>[DONE]</c> sentinel.</summary>
    Done,

    /// <summary>A data object with a non-null <c>error</c> member and no choices.</summary>
    Error,

    /// <summary>Comment lines only: progress, no content.</summary>
    Comment,
}

/// <summary>One event: the bytes as they will be (or were) on the wire, and where the members of interest lie in the JSON payload.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Raw">The whole event including the blank line that ends it.</param>
/// <param name="Data">The JSON payload of a chunk or error; empty otherwise.</param>
internal readonly record struct ChatStreamEvent(StreamEventKind Kind, ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> Data)
{
    private readonly ChunkShape? _shape;

    public ChatStreamEvent(StreamEventKind kind, ReadOnlyMemory<byte> raw, ReadOnlyMemory<byte> data, ChunkShape shape)
        : this(kind, raw, data) => _shape = shape;

    /// <summary>Where the members of interest lie in <see cref="Data"/>.</summary>
    public ChunkShape Shape => _shape ?? ChunkShape.None;
}

/// <summary>
/// Where the members of one chunk lie, as ranges into its JSON payload. String ranges cover the text between the quotes, still escaped, except where
/// noted; a member that is absent or null has an absent range (an empty string too: it carries nothing). Immutable, and shared by the chunks it is true of.
/// </summary>
internal sealed record ChunkShape
{
    /// <summary>Of what has no members.</summary>
    public static ChunkShape None { get; } = new();

    /// <summary>The whole value of <c>id</c>, quotes included.</summary>
    public ByteRange Id { get; init; }

    /// <summary>The whole value of <c>created</c>.</summary>
    public ByteRange Created { get; init; }

    /// <summary>The whole value of <c>model</c>, quotes included.</summary>
    public ByteRange Model { get; init; }

    /// <summary>The whole object value of a non-null <c>usage</c>.</summary>
    public ByteRange Usage { get; init; }

    /// <summary>The member <c>usage</c>, name to value, null or not.</summary>
    public ByteRange UsageMember { get; init; }

    /// <summary>The object <c>choices[0].delta</c>, braces included.</summary>
    public ByteRange Delta { get; init; }

    /// <summary><c>choices[0].delta.content</c>.</summary>
    public ByteRange Content { get; init; }

    /// <summary><c>choices[0].delta.reasoning_content</c>.</summary>
    public ByteRange ReasoningContent { get; init; }

    /// <summary><c>choices[0].delta.reasoning</c>.</summary>
    public ByteRange Reasoning { get; init; }

    /// <summary><c>choices[0].finish_reason</c> when it is a string.</summary>
    public ByteRange FinishReason { get; init; }

    /// <summary>The non-empty array <c>choices[0].delta.tool_calls</c>, brackets included.</summary>
    public ByteRange ToolCalls { get; init; }

    /// <summary>The non-empty object <c>choices[0].delta.function_call</c>, braces included.</summary>
    public ByteRange FunctionCall { get; init; }

    /// <summary>The non-empty array <c>choices[0].delta.thinking_blocks</c>: finished blocks of reasoning as their provider signed them.</summary>
    public ByteRange ThinkingBlocks { get; init; }

    /// <summary>The non-empty object <c>choices[0].delta.x_anthropic</c>: an event of Anthropic's API that a chat has no word for.</summary>
    public ByteRange Own { get; init; }

    /// <summary><c>choices</c> has at least one element.</summary>
    public bool HasChoice { get; init; }

    /// <summary><c>choices</c> has more than one element, or the first one's <c>index</c> is not 0.</summary>
    public bool HasOtherChoices { get; init; }

    /// <summary>Nothing but a piece of the answer's text, as most chunks are: no role, calls, reasoning, finish reason, usage or further choices.</summary>
    public bool IsTextOnly { get; init; }

    /// <summary>A role that is a text.</summary>
    public bool HasRole { get; init; }

    /// <summary>Something no client expects: content that is a filled list, a role or a finish reason that is empty or no text, usage inside a choice.</summary>
    public bool NeedsMending { get; init; }

    /// <summary>Id, object, created and model, the choices, and of the first choice index and delta, are there in the form OpenAI sends them.</summary>
    public bool HasLabels { get; init; }

    /// <summary><c>choices[0].delta</c> has a member that carries reasoning, whether or not it is null.</summary>
    public bool HasReasoningMember { get; init; }

    /// <summary>A non-empty <c>tool_calls</c>, <c>function_call</c>, <c>refusal</c>, <c>audio</c> or other member a client may show.</summary>
    public bool HasOtherVisible { get; init; }

    /// <summary>Of what makes up <see cref="HasOtherVisible"/>, a <c>refusal</c> is all there is.</summary>
    public bool IsRefusal { get; init; }
}
