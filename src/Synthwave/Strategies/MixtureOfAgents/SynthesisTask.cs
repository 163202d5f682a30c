using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Strategies.Prompts;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>What a synthesizer is asked to do with the drafts.</summary>
internal sealed record SynthesisTask
{
    /// <summary>Write one answer.</summary>
    public static SynthesisTask Merge { get; } = new();

    /// <summary>Name the best candidate.</summary>
    public static SynthesisTask Select { get; } = new() { Title = SynthesisWords.SelectTitle, Instructions = SynthesisWords.Select, MaxOutput = SynthesisRoom.Selection };

    public string Title { get; private init; } = SynthesisWords.WriteTitle;

    /// <summary>Null = the profile's, or the built-in ones for writing.</summary>
    public string? Instructions { get; private init; }

    /// <summary>Said in addition, whatever the instructions are; null = nothing.</summary>
    public string? FurtherInstructions { get; private init; }

    /// <summary>Estimated tokens of the tools sent along.</summary>
    public int ToolsTokens { get; private init; }

    /// <summary>Most tokens of the reply; null = as many as the client asked for.</summary>
    public int? MaxOutput { get; private init; }

    /// <summary>Make the call.</summary>
    public static SynthesisTask Call(ToolContract contract, int toolsTokens) =>
        new() { FurtherInstructions = SynthesisWords.Call(contract), ToolsTokens = toolsTokens };
}
