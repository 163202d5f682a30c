namespace Synthwave.Chat;

/// <summary>
/// A chat request body: the original bytes and an overlay of top-level members set or removed. Immutable; every edit gives a new value that
/// shares the bytes. Untouched members keep their bytes, order and spacing. Safe to share between threads.
/// </summary>
internal sealed class ChatBody
{
    /// <summary>Length of the edited document, bytes.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>The edited document as slices of the original and of the edits, in order. A small document is one slice.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => throw new NotImplementedException();

    /// <summary>Wraps a JSON object we wrote ourselves. Throws <see cref="System.Text.Json.JsonException"/> when it is none.</summary>
    public static ChatBody FromJson(ReadOnlyMemory<byte> json) => throw new NotImplementedException();

    /// <summary>The effective raw JSON value of a top-level member, after edits. With a messages prefix, <c>messages</c> is materialised.</summary>
    public bool TryGet(string name, out ReadOnlyMemory<byte> value) => throw new NotImplementedException();

    /// <summary>Sets a member to a raw JSON value: in place where it stands, else appended.</summary>
    public ChatBody With(string name, ReadOnlyMemory<byte> json) => throw new NotImplementedException();

    public ChatBody Without(string name) => throw new NotImplementedException();

    /// <summary>Inserts message objects (comma-separated JSON, no brackets) before the first element of <c>messages</c>, without copying it.</summary>
    public ChatBody WithLeadingMessages(ReadOnlyMemory<byte> messages) => throw new NotImplementedException();

    public byte[] ToArray() => throw new NotImplementedException();
}
