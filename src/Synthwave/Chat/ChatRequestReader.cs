namespace Synthwave.Chat;

/// <summary>Judges a request body in one forward read: schema, handler checks, tool normalisation, facts.</summary>
internal static class ChatRequestReader
{
    /// <summary>Reads and judges <paramref name="body"/>, which the result keeps referring to. Never throws on any input.</summary>
    public static ChatRequestReading Read(ReadOnlyMemory<byte> body) => throw new NotImplementedException();
}

/// <summary>
/// Either <see cref="Request"/> or exactly one error. Schema errors come before, check errors after the question whether any upstream exists.
/// </summary>
internal readonly record struct ChatRequestReading(ChatRequest? Request, GatewayError? SchemaError, GatewayError? CheckError);
