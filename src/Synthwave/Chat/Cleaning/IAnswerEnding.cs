namespace Synthwave.Chat.Cleaning;

/// <summary>What is to be done when an answer's stream ends. Disposed with the stream, after its source.</summary>
internal interface IAnswerEnding : IDisposable
{
    /// <summary>Called once: at the stream's end, or when it is given up before.</summary>
    /// <param name="stream">Its facts are complete.</param>
    /// <returns>Why the answer failed, as whoever reads the stream is to be told; null = it did not.</returns>
    GatewayError? Note(CleanAnswerStream stream);
}
