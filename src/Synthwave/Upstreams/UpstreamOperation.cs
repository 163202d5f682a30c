namespace Synthwave.Upstreams;

/// <summary>What is asked of an upstream.</summary>
internal enum UpstreamOperation
{
    /// <summary>A chat completion.</summary>
    Chat,

    /// <summary>Vectors for texts, in OpenAI's shape. Not every protocol has them.</summary>
    Embeddings,

    /// <summary>
    /// The tokens of a text, as local servers tell them: at <c>/tokenize</c> beside the API's version segment, in whatever shape. The reply is handed on
    /// whatever its status.
    /// </summary>
    Tokenize,
}
