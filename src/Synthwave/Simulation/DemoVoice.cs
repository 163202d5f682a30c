using System.Text.RegularExpressions;

namespace Synthwave.Simulation;

/// <summary>How one of the demo's models answers: with the text it has for the question, or by saying honestly that it has none.</summary>
/// <param name="id">The model's id.</param>
/// <param name="reasoning">What it sends as reasoning before a draft; null = nothing.</param>
/// <param name="library">The texts.</param>
internal sealed partial class DemoVoice(string id, string? reasoning, DemoLibrary library)
{
    /// <summary>A voter is given so few tokens that only a verdict can be meant.</summary>
    private const int VerdictTokens = 8;

    /// <summary>A vote where the question has no yes or no: neither of the two words.</summary>
    private const string NoVerdict = "Neither fits.";

    /// <summary>Joins drafts when there are any, votes when a verdict is asked for, else writes a draft.</summary>
    public SimulatedAnswer Answer(SimulatedRequest request)
    {
        var drafts = DemoDrafts.Find(request);
        if (!drafts.IsEmpty)
        {
            return SimulatedAnswer.Of(library.FindByDrafts(drafts) is { } known ? Joined(known) : drafts.MaxBy(d => d.Length)!);
        }

        var question = library.Find(request.LastUserText);
        if (request.Facts.MaxTokens <= VerdictTokens || VerdictAsked.IsMatch(request.LastUserText))
        {
            return SimulatedAnswer.Of(question is not null && question.Votes.TryGetValue(id, out var yes) ? yes ? "Yes." : "No." : NoVerdict);
        }

        return new SimulatedAnswer { Text = (question ?? library.Otherwise).Drafts[id], Reasoning = reasoning };
    }

    [GeneratedRegex(@"\byes\b\W{0,4}(or|/|\||and)?\W{0,4}\bno\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VerdictAsked { get; }

    private static string Joined(DemoQuestion question) => question.Only.IsEmpty
        ? question.Synthesis
        : $"{question.Synthesis}\n\n---\n*What one draft had and the others had not: {string.Join(", ", DemoNames.All.Select(m => $"{m} “{question.Only[m]}”"))}.*";
}
