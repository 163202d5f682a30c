using System.Globalization;

namespace Synthwave.Simulation.Items;

/// <summary>A model that answers every question of a sheet as well as it can. Give <see cref="Answer"/> to a <see cref="SimulatedModel"/>.</summary>
internal sealed record ItemAuthor
{
    public required ItemSheet Sheet { get; init; }

    /// <summary>Tells its draws from those of other models.</summary>
    public required int Number { get; init; }

    /// <summary>Share of questions of a kind it is right about.</summary>
    public required Func<ItemKind, double> Accuracy { get; init; }

    /// <summary>How well its stated confidence tells right from wrong, 0.5–1; null = it states none.</summary>
    public double? ConfidenceAuc { get; init; }

    public SimulatedAnswer Answer(SimulatedRequest request) => SimulatedAnswer.Of(ItemSheet.Write(Sheet.Questions(request.LastUserText), Word));

    private string Word(ItemQuestion question)
    {
        var word = question.Kind.Answer(question.Number, Number, Accuracy(question.Kind));
        return ConfidenceAuc is { } auc
            ? string.Create(CultureInfo.InvariantCulture, $"{word} (confidence {question.Kind.Confidence(question.Number, Number, word == question.Truth, auc):0.000})")
            : word;
    }
}
