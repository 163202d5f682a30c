using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Chat.Bodies;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>Judges a request body in one forward read: schema, handler checks, tool normalisation, facts.</summary>
internal static class ChatRequestReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads and judges <paramref name="body"/>, which the result keeps referring to. Never throws on any input.</summary>
    public static ChatRequestReading Read(ReadOnlyMemory<byte> body)
    {
        var document = body.Span.StartsWith(ByteOrderMark) ? body[ByteOrderMark.Length..] : body;
        var facts = new RequestFacts();
        var error = Scan(document.Span, facts, out var index);
        if (error is not null || index is null)
        {
            return new ChatRequestReading(null, error, null);
        }

        return Check(facts) is { } refusal ? new ChatRequestReading(null, null, refusal) : Settle(new ChatBody(document, index), document, facts);
    }

    private static GatewayError? Scan(ReadOnlySpan<byte> document, RequestFacts facts, out ChatBodyIndex? index)
    {
        index = null;
        if (document.IsEmpty)
        {
            return Malformed("The request body is empty. Send a JSON object with model and messages.");
        }

        // The JSON reader does not look at the inside of strings it skips.
        if (!Utf8.IsValid(document))
        {
            return Malformed("The request body is not valid UTF-8. Send JSON encoded as UTF-8.");
        }

        var reader = JsonReading.Reader(document);
        try
        {
            return ScanMembers(ref reader, document, facts, out index);
        }
        catch (JsonException e)
        {
            // An opening token counts itself only once something stands inside it.
            var depth = reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0);
            var problem = depth >= JsonLimits.MaxDepth ? $"is nested more than {JsonLimits.MaxDepth} levels deep" : "is not valid JSON";
            return Malformed($"The request body {problem} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}). Send one JSON object.");
        }
    }

    private static GatewayError? ScanMembers(ref Utf8JsonReader reader, ReadOnlySpan<byte> document, RequestFacts facts, out ChatBodyIndex? index)
    {
        index = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Malformed("The request body must be a JSON object with model and messages.");
        }

        GatewayError? nameError = null;
        var builder = new ChatBodyIndex.Builder(document, (int)reader.BytesConsumed);
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = RequestFields.Of(ref reader);
                var nameStart = (int)reader.TokenStartIndex;
                var nameLength = reader.ValueSpan.Length;
                var nameIsEscaped = reader.ValueIsEscaped;
                reader.Read();
                var valueStart = (int)reader.TokenStartIndex;
                RequestFieldScan.Read(ref reader, field, facts);
                var member = new BodyMember(nameStart, nameLength, nameIsEscaped, valueStart, (int)reader.BytesConsumed);
                nameError ??= NameError(builder.Add(member), member.NameIn(document));
            }

            // The end of the document, or the reader's complaint about what follows the object.
            reader.Read();
            index = nameError is null ? builder.Build() : null;
        }
        finally
        {
            builder.Dispose();
        }

        ReportMissing(facts);
        return nameError ?? facts.Problem.First;
    }

    private static void ReportMissing(RequestFacts facts)
    {
        if (facts.Model is null)
        {
            facts.Problem.Report(RequestField.Model, "model", "model is required: name the profile that should answer.");
        }

        if (!facts.HasMessages)
        {
            facts.Problem.Report(RequestField.Messages, "messages", "messages is required: an array of at least one message.");
        }
    }

    private static GatewayError? NameError(ChatBodyIndex.NameVerdict verdict, ReadOnlySpan<byte> raw)
    {
        switch (verdict)
        {
            case ChatBodyIndex.NameVerdict.Duplicate:
                var name = JsonText.Excerpt(raw);
                return GatewayError.BadRequest("duplicate_key", $"The member {name} stands more than once in the request. Send it once.", name);
            case ChatBodyIndex.NameVerdict.Undecodable:
                return Malformed("A member name of the request contains half of a surrogate pair, which is not valid Unicode.");
            default:
                return null;
        }
    }

    private static GatewayError? Check(RequestFacts facts)
    {
        if (facts.MaxTokens is not null && facts.MaxCompletionTokens is not null)
        {
            return GatewayError.BadRequest("conflicting_params", "max_tokens and max_completion_tokens are both given. Send one of them.");
        }

        if (facts.Choices is { } choices and not 1)
        {
            return GatewayError.BadRequest("unsupported_v1", $"n must be 1: one answer is given per request, not {choices}.");
        }

        return facts.HasMalformedPart ? PartsError(facts) : null;
    }

    private static GatewayError PartsError(RequestFacts facts, string? param = null) =>
        GatewayError.BadRequest("unsupported_content_part", $"Some content parts cannot be handled: {facts.Labels}", param);

    private static ChatRequestReading Settle(ChatBody body, ReadOnlyMemory<byte> document, RequestFacts facts)
    {
        var tools = ToolNormalization.Apply(body, document, facts.Tools);
        if (tools.Error is not null)
        {
            return new ChatRequestReading(null, null, tools.Error);
        }

        var request = new ChatRequest
        {
            Body = tools.Body,
            Model = facts.Model ?? string.Empty,
            Stream = facts.Stream,
            IncludeUsage = facts.IncludeUsage,
            MaxTokens = facts.MaxTokens ?? facts.MaxCompletionTokens,
            Modalities = facts.Modalities,
            NewestModalities = facts.NewestModalities,
            Foreign = facts.ForeignPart is { } part ? PartsError(facts, part) : tools.Foreign,
            OnlyToolsAreForeign = facts.ForeignPart is null && tools.Foreign is not null,
            HasForeignTools = tools.HasForeignTools,
            Ignored = tools.Ignored,
            HasTools = tools.HasTools,
            ToolChoice = tools.Choice,
            ForcedTool = tools.ForcedTool,
            ParallelToolCalls = facts.Tools.Parallel,
            UsesLegacyFunctions = facts.Tools.Functions.IsGiven || (facts.Tools.FunctionCall.IsGiven && !facts.Tools.Tools.IsGiven),
            HasToolHistory = facts.HasToolHistory,
            Extension = facts.Extension,
            PromptTokens = TokenEstimator.Clamp(facts.PromptTokens),
            ToolsTokens = tools.Tokens,
        };
        return new ChatRequestReading(request, null, null);
    }

    private static GatewayError Malformed(string message) => GatewayError.BadRequest(code: null, message);
}

/// <summary>
/// Either <see cref="Request"/> or exactly one error. Schema errors come before, check errors after the question whether any upstream exists.
/// </summary>
internal readonly record struct ChatRequestReading(ChatRequest? Request, GatewayError? SchemaError, GatewayError? CheckError);
