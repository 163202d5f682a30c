using System.Collections.Immutable;

namespace Synthwave.Simulation.Items;

/// <summary>
/// A synthesizer that knows nothing but the drafts it was sent, and combines them by a rule whose outcome theory predicts. Give <see cref="Answer"/> to a
/// <see cref="SimulatedModel"/>.
/// </summary>
internal sealed record ItemSynthesizer(ItemSheet Sheet, ItemRule Rule, double ErrorRate = 0)
{
    private const int TieStream = 500;
    private const int ErrorStream = 501;

    public SimulatedAnswer Answer(SimulatedRequest request)
    {
        var drafts = ItemDrafts.Find(request);
        var questions = Sheet.Questions(ItemDrafts.Question(request));
        var answers = drafts.Select(d => (d.Count, Words: ItemSheet.Answers(d.Text, questions))).ToImmutableArray();
        return SimulatedAnswer.Of(ItemSheet.Write(questions, q => Combine(q, answers.Select(a => (a.Words[questions.IndexOf(q)], a.Count)))));
    }

    private string Combine(ItemQuestion question, IEnumerable<(string? Word, int Count)> drafts)
    {
        var votes = drafts.Where(d => d.Word is not null)
            .GroupBy(d => d.Word!, d => d.Count, StringComparer.Ordinal)
            .Select(g => (Word: g.Key, Count: g.Sum()))
            .OrderBy(v => v.Word, StringComparer.Ordinal)
            .ToImmutableArray();
        if (votes.IsEmpty)
        {
            return "unknown";
        }

        if (Rule is ItemRule.Oracle && votes.Any(v => v.Word == question.Truth))
        {
            return question.Truth;
        }

        var most = votes.Max(v => v.Count);
        var tied = votes.Where(v => v.Count == most).ToImmutableArray();
        var seed = ItemDraw.Named(question.Kind.Seed, question.Kind.Name);
        var pick = tied[ItemDraw.Index(seed, question.Number, TieStream, tied.Length)].Word;
        return ItemDraw.Uniform(seed, question.Number, ErrorStream) < ErrorRate ? question.Kind.Options.First(o => o != pick) : pick;
    }
}

/// <summary>How an <see cref="ItemSynthesizer"/> combines.</summary>
internal enum ItemRule
{
    /// <summary>What most drafts say; ties are drawn.</summary>
    Majority,

    /// <summary>Right as soon as one draft is, else the majority: the most any synthesizer could do.</summary>
    Oracle,
}
