using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Events;

/// <summary>What one reading of a chunk has found so far. Of a repeated name the last counts.</summary>
internal struct ChunkFinding
{
    private LabelFinding _labels;
    private DeltaFinding _delta;
    private ByteRange _finishReason;
    private bool _hasChoices;
    private bool _hasOtherChoices;
    private bool _hasIndex;
    private bool _hasOddReason;
    private bool _hasInnerUsage;

    /// <summary>There is a choice, whatever it holds.</summary>
    public bool HasChoice { get; private set; }

    /// <summary>There is an error that is not null.</summary>
    public readonly bool HasError => _labels.HasError;

    /// <summary>Reads to the end of the object the reader stands at.</summary>
    public void ReadRoot(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("choices"u8))
            {
                reader.Read();
                ReadChoices(ref reader);
            }
            else if (!_labels.TryRead(ref reader, "chat.completion.chunk"u8))
            {
                JsonValues.PassMember(ref reader);
            }
        }
    }

    /// <summary>All that was found.</summary>
    public readonly ChunkShape ToShape() => new()
    {
        Id = _labels.Id,
        Created = _labels.Created,
        Model = _labels.Model,
        Usage = _labels.Usage,
        UsageMember = _labels.UsageMember,
        Delta = _delta.Whole,
        Content = _delta.Content,
        ReasoningContent = _delta.ReasoningContent,
        Reasoning = _delta.Reasoning,
        FinishReason = _finishReason,
        ToolCalls = _delta.ToolCalls,
        FunctionCall = _delta.FunctionCall,
        ThinkingBlocks = _delta.ThinkingBlocks,
        Own = _delta.Own,
        HasChoice = HasChoice,
        HasOtherChoices = _hasOtherChoices,
        IsTextOnly = HasChoice && _delta.Content.IsPresent && _finishReason.IsAbsent && _labels.Usage.IsAbsent
            && !(_hasOtherChoices || _delta.HasRole || _delta.HasReasoningMember || _delta.HasOtherVisible),
        HasRole = _delta.HasRole,
        HasLabels = _labels.AreInForm && _hasChoices && (!HasChoice || (_hasIndex && _delta.Whole.IsPresent)),
        NeedsMending = _hasOddReason || _hasInnerUsage || _delta.NeedsMending,
        HasReasoningMember = _delta.HasReasoningMember,
        HasOtherVisible = _delta.HasOtherVisible,
        IsRefusal = _delta.IsRefusal,
    };

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        HasChoice = _hasOtherChoices = false;
        _finishReason = default;
        _hasOddReason = _hasInnerUsage = false;
        _delta = default;
        _hasIndex = false;
        _hasChoices = reader.TokenType is JsonTokenType.StartArray;
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (HasChoice || reader.TokenType is not JsonTokenType.StartObject)
            {
                _hasOtherChoices |= HasChoice;
                HasChoice = true;
                reader.Skip();
                continue;
            }

            HasChoice = true;
            ReadChoice(ref reader);
        }
    }

    private void ReadChoice(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("delta"u8))
            {
                reader.Read();
                _delta = DeltaFinding.Read(ref reader);
            }
            else if (reader.TextIs("finish_reason"u8))
            {
                reader.Read();
                _hasOddReason = JsonValues.IsOdd(ref reader);
                _finishReason = JsonValues.PassText(ref reader);
            }
            else if (reader.TextIs("usage"u8))
            {
                reader.Read();
                _hasInnerUsage = reader.TokenType is JsonTokenType.StartObject;
                reader.Skip();
            }
            else if (reader.TextIs("index"u8))
            {
                reader.Read();
                _hasIndex = reader.TokenType is JsonTokenType.Number;
                _hasOtherChoices |= reader.TokenType is JsonTokenType.Number && (!reader.TryGetInt32(out var index) || index != 0);
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }
}
