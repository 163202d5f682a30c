using Synthwave.Chat.Formats;
using Synthwave.Chat.Memory;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;

namespace Synthwave.Chat.Cleaning;

/// <summary>How one model's output becomes the answer.</summary>
internal sealed record AnswerPolicy
{
    public bool ExposeReasoning { get; init; }

    public ReasoningStrip Strip { get; init; } = ReasoningStrip.Leading;

    /// <summary>Whether a reasoning field may become the answer when the model wrote none.</summary>
    public bool Rescue { get; init; } = true;

    /// <summary>Written as <c>model</c> into the answer; null = the model's own name stays.</summary>
    public string? Brand { get; init; }

    /// <summary>Whether the client asked for <c>stream_options.include_usage</c>.</summary>
    public bool WantsUsage { get; init; }

    /// <summary>What the request says about calls; null = calls pass unseen.</summary>
    public ToolContract? Contract { get; init; }

    /// <summary>
    /// Another model could answer instead: an answer that breaks the contract is a failure, as long as nothing was shown of it. Otherwise it is brought as
    /// close to the contract as one answer can be, and fails only when nothing is left of it.
    /// </summary>
    public bool IsContractBinding { get; init; }

    /// <summary>Another model could answer instead: a refusal is shown only once something else is, and is no answer by itself.</summary>
    public bool HoldsRefusal { get; init; }

    /// <summary>
    /// What the text has to be: an answer in another form is none, as far as that can be told before anything is shown. What stands around the JSON of a
    /// buffered answer is taken off. Null = any text will do.
    /// </summary>
    public AnswerFormat? Format { get; init; }

    /// <summary>Most bytes of text held back before the first content (reasoning kept for a rescue, a leading block).</summary>
    public long MaxHeldBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Out of which all that is held back is taken.</summary>
    public MemoryShare Memory { get; init; } = MemoryShare.Uncounted;
}
