namespace Synthwave.Chat.Events;

/// <summary>
/// A stream as the client will see it: one model's text, cleaned, up to but without the usage chunk and <c>[DONE]</c>, which whoever writes the
/// stream adds from <see cref="UsageChunk"/> and the report.
/// </summary>
internal abstract class AnswerStream : ChatStream
{
    /// <summary>After the end: the model's own usage-only chunk (JSON payload), kept for its unknown members; null = none came.</summary>
    public abstract ReadOnlyMemory<byte>? UsageChunk { get; }

    /// <summary>The <c>id</c>, <c>created</c> and <c>model</c> members of this stream as JSON values, for chunks we compose ourselves.</summary>
    public abstract StreamLabels Labels { get; }
}

/// <summary>JSON values, ready to be written raw.</summary>
internal readonly record struct StreamLabels(string Id, string Created, string Model);
