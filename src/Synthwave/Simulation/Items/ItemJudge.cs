using System.Collections.Immutable;
using System.Globalization;

namespace Synthwave.Simulation.Items;

/// <summary>
/// A judge that names the best of the drafts it was sent by a knockout among them. Of a right and a wrong draft it takes the right one with chance
/// <paramref name="Accuracy"/>; <paramref name="FirstBias"/> is added to the chance of whichever stands first. Between equals the first stands.
/// </summary>
/// <param name="Sheet">Its questions; drafts are judged by the first one asked.</param>
/// <param name="Accuracy">0–1.</param>
/// <param name="FirstBias">-1 to 1.</param>
internal sealed record ItemJudge(ItemSheet Sheet, double Accuracy, double FirstBias = 0)
{
    private const int MatchStream = 700;

    public SimulatedAnswer Answer(SimulatedRequest request)
    {
        var drafts = ItemDrafts.Find(request);
        var questions = Sheet.Questions(ItemDrafts.Question(request));
        return SimulatedAnswer.Of(drafts.IsEmpty || questions.IsEmpty ? "0" : Best(questions[0], drafts).Number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The winner of the knockout; an odd one out goes on without a match.</summary>
    public ItemDraft Best(ItemQuestion question, ImmutableArray<ItemDraft> drafts)
    {
        var match = 0;
        while (drafts.Length > 1)
        {
            drafts = [.. drafts.Chunk(2).Select(pair => pair is [var first, var second] ? Winner(question, first, second, match++) : pair[0])];
        }

        return drafts[0];
    }

    private ItemDraft Winner(ItemQuestion question, ItemDraft first, ItemDraft second, int match)
    {
        var (firstIsRight, secondIsRight) = (IsRight(question, first), IsRight(question, second));
        if (firstIsRight == secondIsRight)
        {
            return first;
        }

        var seed = ItemDraw.Named(question.Kind.Seed, question.Kind.Name);
        var chance = (firstIsRight ? Accuracy : 1 - Accuracy) + FirstBias;
        return ItemDraw.Uniform(seed, question.Number, MatchStream + match) < chance ? first : second;
    }

    private static bool IsRight(ItemQuestion question, ItemDraft draft) => ItemSheet.Answers(draft.Text, [question])[0] == question.Truth;
}
