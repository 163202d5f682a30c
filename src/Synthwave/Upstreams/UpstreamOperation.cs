namespace Synthwave.Upstreams;

/// <summary>What is asked of an upstream.</summary>
internal enum UpstreamOperation
{
    /// <summary>A chat completion.</summary>
    Chat,

    /// <summary>The continuation of a text, in OpenAI's older shape. Not every protocol has it.</summary>
    Completions,

    /// <summary>Vectors for texts, in OpenAI's shape. Not every protocol has them.</summary>
    Embeddings,

    /// <summary>
    /// The tokens of a text, as local servers tell them: at <c>/tokenize</c> beside the API's version segment, in whatever shape. The reply is handed on
    /// whatever its status.
    /// </summary>
    Tokenize,

    /// <summary>The text of tokens, at <c>/detokenize</c> likewise.</summary>
    Detokenize,
}

internal static class UpstreamOperations
{
    /// <summary>Whether a reply is handed on unread, whatever its status.</summary>
    public static bool IsRelayed(this UpstreamOperation operation) => operation is UpstreamOperation.Tokenize or UpstreamOperation.Detokenize;
}
