using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Events;

/// <summary>What a completion and a chunk of one say beside their choices, found while a reader passes over the members of the root. Of a repeated name the last counts.</summary>
internal struct LabelFinding
{
    private bool _hasId;
    private bool _hasObject;
    private bool _hasCreated;
    private bool _hasModel;

    /// <summary>A value; absent where it is null or missing, like the two behind it.</summary>
    public ByteRange Id { get; private set; }

    public ByteRange Created { get; private set; }

    public ByteRange Model { get; private set; }

    /// <summary>The value; absent unless it is an object.</summary>
    public ByteRange Usage { get; private set; }

    /// <summary>Name and value, whatever the value is.</summary>
    public ByteRange UsageMember { get; private set; }

    /// <summary>There is an error that is not null.</summary>
    public bool HasError { get; private set; }

    /// <summary>All labels are there in the form the API gives them.</summary>
    public readonly bool AreInForm => _hasId && _hasObject && _hasCreated && _hasModel;

    /// <summary>Reads the member whose name the reader stands at, if it is one of these. False = it is another, and the reader has not moved.</summary>
    /// <param name="reader">At a name.</param>
    /// <param name="kind">What <c>object</c> must be.</param>
    public bool TryRead(ref Utf8JsonReader reader, ReadOnlySpan<byte> kind)
    {
        var nameStart = (int)reader.TokenStartIndex;
        if (reader.TextIs("id"u8))
        {
            reader.Read();
            _hasId = JsonValues.IsText(ref reader);
            Id = JsonValues.PassPresent(ref reader);
        }
        else if (reader.TextIs("model"u8))
        {
            reader.Read();
            _hasModel = JsonValues.IsText(ref reader);
            Model = JsonValues.PassPresent(ref reader);
        }
        else if (reader.TextIs("created"u8))
        {
            reader.Read();
            _hasCreated = reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out _);
            Created = JsonValues.PassPresent(ref reader);
        }
        else if (reader.TextIs("object"u8))
        {
            reader.Read();
            _hasObject = reader.TokenType is JsonTokenType.String && reader.TextIs(kind);
            reader.Skip();
        }
        else if (reader.TextIs("usage"u8))
        {
            reader.Read();
            var isObject = reader.TokenType is JsonTokenType.StartObject;
            var value = JsonValues.Pass(ref reader);
            Usage = isObject ? value : default;
            UsageMember = new(nameStart, value.End - nameStart);
        }
        else if (reader.TextIs("error"u8))
        {
            reader.Read();
            HasError = JsonValues.PassPresent(ref reader).IsPresent;
        }
        else
        {
            return false;
        }

        return true;
    }
}
