using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>The request members the gateway judges, in the order in which their errors are reported.</summary>
internal enum RequestField
{
    Model,
    Messages,
    Tools,
    Functions,
    ToolChoice,
    FunctionCall,
    ParallelToolCalls,
    MaxTokens,
    MaxCompletionTokens,
    Stream,
    StreamOptions,
    Temperature,
    TopP,
    Stop,
    ResponseFormat,
    Choices,
    Extension,
    AllowedTools,
    Other,
}

/// <summary>Names of the judged members.</summary>
internal static class RequestFields
{
    private const int LongestName = 21;

    /// <summary>The field a property-name token names. The name must have a UTF-8 form; otherwise it is <see cref="RequestField.Other"/>.</summary>
    public static RequestField Of(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? OfEscaped(reader.ValueSpan) : Of(reader.ValueSpan);

    private static RequestField OfEscaped(ReadOnlySpan<byte> raw)
    {
        const int LongestEscape = 6;
        if (raw.Length > LongestName * LongestEscape)
        {
            return RequestField.Other;
        }

        Span<byte> decoded = stackalloc byte[LongestName * LongestEscape];
        return JsonText.TryDecode(raw, decoded, out var written) ? Of(decoded[..written]) : RequestField.Other;
    }

    private static RequestField Of(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("model"u8) => RequestField.Model,
        _ when name.SequenceEqual("messages"u8) => RequestField.Messages,
        _ when name.SequenceEqual("tools"u8) => RequestField.Tools,
        _ when name.SequenceEqual("functions"u8) => RequestField.Functions,
        _ when name.SequenceEqual("tool_choice"u8) => RequestField.ToolChoice,
        _ when name.SequenceEqual("function_call"u8) => RequestField.FunctionCall,
        _ when name.SequenceEqual("parallel_tool_calls"u8) => RequestField.ParallelToolCalls,
        _ when name.SequenceEqual("max_tokens"u8) => RequestField.MaxTokens,
        _ when name.SequenceEqual("max_completion_tokens"u8) => RequestField.MaxCompletionTokens,
        _ when name.SequenceEqual("stream"u8) => RequestField.Stream,
        _ when name.SequenceEqual("stream_options"u8) => RequestField.StreamOptions,
        _ when name.SequenceEqual("temperature"u8) => RequestField.Temperature,
        _ when name.SequenceEqual("top_p"u8) => RequestField.TopP,
        _ when name.SequenceEqual("stop"u8) => RequestField.Stop,
        _ when name.SequenceEqual("response_format"u8) => RequestField.ResponseFormat,
        _ when name.SequenceEqual("n"u8) => RequestField.Choices,
        _ when name.SequenceEqual("x_meta_model"u8) => RequestField.Extension,
        _ when name.SequenceEqual("allowed_tools"u8) => RequestField.AllowedTools,
        _ => RequestField.Other,
    };
}
