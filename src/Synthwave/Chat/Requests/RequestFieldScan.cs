using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>Judges one top-level member of a request by the rule of its field.</summary>
internal static class RequestFieldScan
{
    /// <summary>The reader stands on the value and is left on its last token.</summary>
    public static void Read(ref Utf8JsonReader reader, RequestField field, RequestFacts facts)
    {
        switch (field)
        {
            case RequestField.Model:
                ReadModel(ref reader, facts);
                break;
            case RequestField.Messages:
                facts.HasMessages = true;
                RequestMessageScan.Read(ref reader, facts);
                break;
            case RequestField.Tools:
                facts.Tools.Tools = RequestToolScan.ReadTools(ref reader, facts);
                break;
            case RequestField.Functions:
                facts.Tools.Functions = RequestToolScan.ReadFunctions(ref reader, facts);
                break;
            case RequestField.ToolChoice:
                facts.Tools.ToolChoice = RequestToolScan.ReadChoice(ref reader, facts, isLegacy: false, out var choice);
                facts.Tools.Choice = choice;
                break;
            case RequestField.FunctionCall:
                facts.Tools.FunctionCall = RequestToolScan.ReadChoice(ref reader, facts, isLegacy: true, out var legacy);
                facts.Tools.LegacyChoice = legacy;
                break;
            case RequestField.ParallelToolCalls:
                facts.Tools.ParallelIsNull = reader.TokenType == JsonTokenType.Null;
                facts.Tools.Parallel = ReadBool(ref reader, field, "parallel_tool_calls", whenNull: true, facts);
                break;
            case RequestField.MaxTokens:
                facts.MaxTokens = ReadCount(ref reader, field, "max_tokens", facts);
                break;
            case RequestField.MaxCompletionTokens:
                facts.MaxCompletionTokens = ReadCount(ref reader, field, "max_completion_tokens", facts);
                break;
            case RequestField.Stream:
                facts.Stream = ReadBool(ref reader, field, "stream", whenNull: false, facts);
                break;
            case RequestField.StreamOptions:
                ReadStreamOptions(ref reader, facts);
                break;
            case RequestField.Temperature:
                CheckNumber(ref reader, field, "temperature", max: 2, facts);
                break;
            case RequestField.TopP:
                CheckNumber(ref reader, field, "top_p", max: 1, facts);
                break;
            case RequestField.Stop:
                CheckStop(ref reader, facts);
                break;
            case RequestField.ResponseFormat:
                CheckObject(ref reader, field, "response_format", facts);
                reader.Skip();
                break;
            case RequestField.Choices:
                facts.Choices = ReadCount(ref reader, field, "n", facts);
                break;
            case RequestField.Extension:
                facts.Extension = RequestExtensionScan.Read(ref reader, facts);
                break;
            case RequestField.AllowedTools:
                facts.Tools.AllowedTools = RequestToolScan.ReadPresence(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static void ReadModel(ref Utf8JsonReader reader, RequestFacts facts)
    {
        facts.Model = reader.ReadName();
        if (facts.Model is null)
        {
            facts.Problem.Report(
                RequestField.Model, "model", $"model must be a string of at most {JsonLimits.MaxNameBytes} bytes that is valid Unicode.");
        }
    }

    private static bool ReadBool(ref Utf8JsonReader reader, RequestField field, string name, bool whenNull, RequestFacts facts)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return whenNull;
        }

        if (!RequestScalar.TryReadBool(ref reader, out var value))
        {
            facts.Problem.Report(field, name, $"{name} must be true or false.");
        }

        return value;
    }

    private static int? ReadCount(ref Utf8JsonReader reader, RequestField field, string name, RequestFacts facts)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (!RequestScalar.TryReadInt(ref reader, out var value) || value < 1)
        {
            facts.Problem.Report(field, name, $"{name} must be a whole number of at least 1, or null.");
        }

        return value;
    }

    private static void CheckNumber(ref Utf8JsonReader reader, RequestField field, string name, double max, RequestFacts facts)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (!RequestScalar.TryReadNumber(ref reader, out var value) || !(value >= 0 && value <= max))
        {
            facts.Problem.Report(field, name, $"{name} must be a number from 0 to {max}, or null.");
        }
    }

    private static void CheckStop(ref Utf8JsonReader reader, RequestFacts facts)
    {
        var isValid = reader.TokenType is JsonTokenType.String or JsonTokenType.Null or JsonTokenType.StartArray;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                isValid &= reader.TokenType == JsonTokenType.String;
                reader.Skip();
            }
        }

        reader.Skip();
        if (!isValid)
        {
            facts.Problem.Report(RequestField.Stop, "stop", "stop must be a string, an array of strings, or null.");
        }
    }

    private static void ReadStreamOptions(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (!CheckObject(ref reader, RequestField.StreamOptions, "stream_options", facts))
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "include_usage"u8);
            reader.Read();
            if (isUsage)
            {
                facts.IncludeUsage = RequestScalar.ReadTruth(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static bool CheckObject(ref Utf8JsonReader reader, RequestField field, string name, RequestFacts facts)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
        {
            facts.Problem.Report(field, name, $"{name} must be an object or null.");
        }

        return reader.TokenType == JsonTokenType.StartObject;
    }
}
