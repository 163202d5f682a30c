using Synthwave.Configuration;

namespace Synthwave.Chat.Requests;

/// <summary>What one read of a request has found so far. Used by one read only.</summary>
internal sealed class RequestFacts
{
    /// <summary>First schema problem in field order.</summary>
    public RequestProblem Problem;

    public ContentLabels Labels;

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
}
