using Synthwave.Configuration;

namespace Synthwave.Chat.Requests;

/// <summary>What one read of a request has found so far. Used by one read only.</summary>
internal sealed class RequestFacts
{
    /// <summary>First schema problem in field order.</summary>
    public RequestProblem Problem;

    /// <summary>Every content part that is malformed or not known here.</summary>
    public ContentLabels Labels;

    /// <summary>Some label stands for a part that is wrong whoever reads it; otherwise all of them are only unknown here.</summary>
    public bool HasMalformedPart { get; private set; }

    /// <summary>Where the first part stands that is not known here; null = all are.</summary>
    public string? ForeignPart { get; private set; }

    /// <summary>Position of the message being read.</summary>
    public int MessageIndex { get; set; }

    public string? Model { get; set; }

    public bool HasMessages { get; set; }

    public bool Stream { get; set; }

    public bool IncludeUsage { get; set; }

    public int? MaxTokens { get; set; }

    public int? MaxCompletionTokens { get; set; }

    /// <summary><c>n</c>.</summary>
    public int? Choices { get; set; }

    public Modalities Modalities { get; set; } = Modalities.Text;

    /// <summary>The same of the newest turn: the last run of user messages and all behind it.</summary>
    public Modalities NewestModalities { get; set; } = Modalities.Text;

    /// <summary>The message before was the user's, or stands in a run of theirs.</summary>
    public bool IsInUserRun { get; set; }

    /// <summary>What the message being read needs a model to read.</summary>
    public Modalities MessageModalities { get; set; } = Modalities.Text;

    /// <summary>Estimate of the images, videos and sounds of the message being read.</summary>
    public long MessageMediaTokens { get; set; }

    public bool HasToolHistory { get; set; }

    /// <summary>Sum of the message estimates.</summary>
    public long PromptTokens { get; set; }

    public RequestToolFacts Tools { get; } = new();

    public RequestExtension Extension { get; set; } = RequestExtension.None;

    /// <summary>A part that is wrong whoever reads it.</summary>
    public void NoteMalformed(string label)
    {
        Labels.Add(label);
        HasMalformedPart = true;
    }

    /// <summary>A part whose type or form is not known here, and may be to an upstream.</summary>
    public void NoteForeign(string label, int part)
    {
        Labels.Add(label);
        ForeignPart ??= $"messages[{MessageIndex}].content[{part}]";
    }
}
