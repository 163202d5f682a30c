namespace Synthwave.Chat.Cleaning;

/// <summary>How the beginning of an answer turned out.</summary>
internal enum AnswerStart
{
    /// <summary>The first visible piece is ready: from here on the answer belongs to this stream.</summary>
    Committed,

    /// <summary>The stream is over and there is no answer in it.</summary>
    Blank,

    /// <summary>The stream is over, and all that is in it is a refusal where another model could answer.</summary>
    Refused,

    /// <summary>The stream broke before its first visible piece.</summary>
    Failed,
}

/// <summary>Why a stream failed.</summary>
internal enum AnswerFailure
{
    None,

    /// <summary>The source said so itself.</summary>
    Source,

    /// <summary>An error event.</summary>
    ErrorEvent,

    /// <summary>More had to be held back than the policy allows.</summary>
    TooLarge,

    /// <summary>The server has no memory left for what has to be held back.</summary>
    NoMemory,

    /// <summary>A chunk after the end of the stream.</summary>
    OutOfOrder,

    /// <summary>The stream is over in the middle of a call's arguments.</summary>
    Cut,

    /// <summary>See <see cref="CleanAnswerStream.Breach"/>.</summary>
    Contract,
}
