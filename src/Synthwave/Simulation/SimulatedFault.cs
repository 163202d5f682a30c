namespace Synthwave.Simulation;

/// <summary>
/// How a simulated model fails. Each kind really happens on the wire. A fault that waits or writes for ever ends when the client goes away or
/// the server is disposed.
/// </summary>
internal sealed record SimulatedFault(SimulatedFaultKind Kind)
{
    /// <summary>HTTP status of <see cref="SimulatedFaultKind.Status"/> (default 500) and <see cref="SimulatedFaultKind.Redirect"/> (default 302).</summary>
    public int? Status { get; init; }

    /// <summary>Body of <see cref="SimulatedFaultKind.Status"/>, sent as JSON when it starts with a brace, else as plain text; null = an OpenAI error.</summary>
    public string? Body { get; init; }

    /// <summary>Sent as <c>Retry-After</c> with <see cref="SimulatedFaultKind.Status"/>, whole seconds.</summary>
    public int? RetryAfter { get; init; }

    /// <summary><c>Location</c> of <see cref="SimulatedFaultKind.Redirect"/>; null = <c>/elsewhere</c> on this server.</summary>
    public string? Location { get; init; }

    /// <summary>
    /// Tokens that leave before the fault. For <see cref="SimulatedFaultKind.Stall"/> null means before the head; everywhere else null is 0: after the head and
    /// the role chunk. A buffered answer has no tokens on the wire: any number means in the middle of the body.
    /// </summary>
    public int? AfterTokens { get; init; }

    /// <summary>Strikes each so-manieth call. At least 1.</summary>
    public int Every { get; init; } = 1;

    /// <summary>Strikes only among the first so many calls; null = always.</summary>
    public int? First { get; init; }

    /// <summary>Size of <see cref="SimulatedFaultKind.Huge"/> in bytes.</summary>
    public long Bytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Pause between the bytes of <see cref="SimulatedFaultKind.Trickle"/>.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether call number <paramref name="call"/>, counted from 1, is struck.</summary>
    public bool Strikes(long call) => call % Every == 0 && (First is not { } first || call <= first);
}

/// <summary>The names in a simulation file are these in snake case.</summary>
internal enum SimulatedFaultKind
{
    /// <summary>The connection is closed before a byte of the answer. (A client that reuses a pooled connection may try again by itself.)</summary>
    Refuse,

    /// <summary>An error status with a body and perhaps <c>Retry-After</c>.</summary>
    Status,

    /// <summary>Silence with the connection open.</summary>
    Stall,

    /// <summary>TCP reset in the middle of the answer.</summary>
    Reset,

    /// <summary>One byte at a time, for ever, inside one JSON string.</summary>
    Trickle,

    /// <summary>Well-formed so far, and never finished: an endless JSON string, or endless events.</summary>
    Endless,

    /// <summary>JSON that breaks off, in a correctly ended body or event.</summary>
    BadJson,

    /// <summary>Lines that are no event stream under that content type; also to a buffered call.</summary>
    BadSse,

    /// <summary>200 with an HTML page.</summary>
    WrongType,

    /// <summary>A well-formed answer whose text is empty.</summary>
    Empty,

    /// <summary>200, the right content type, and no body at all.</summary>
    EmptyBody,

    /// <summary>A byte sequence in the text that is not UTF-8.</summary>
    InvalidUtf8,

    Redirect,

    /// <summary>A correctly ended HTTP body without a finish reason and <c>[DONE]</c>; of a buffered answer, half of it.</summary>
    EarlyClose,

    /// <summary>One string of <see cref="SimulatedFault.Bytes"/>; in a stream, within one event.</summary>
    Huge,

    /// <summary>A complete JSON answer although a stream was asked for.</summary>
    JsonForStream,

    /// <summary>A <c>Content-Length</c> larger than what is sent before the connection is closed.</summary>
    WrongLength,
}
