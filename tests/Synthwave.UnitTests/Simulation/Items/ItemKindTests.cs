using Synthwave.Simulation.Items;

namespace Synthwave.UnitTests.Simulation.Items;

/// <summary>Shares over many questions of a fixed seed: three standard errors are a wide berth, and nothing is left to chance.</summary>
public sealed class ItemKindTests
{
    private const int Questions = 20_000;

    private static readonly ItemKind Plain = new() { Name = "plain", Seed = 42 };

    [Fact]
    public void Every_option_is_true_as_often_as_the_others()
    {
        foreach (var option in Plain.Options)
        {
            Share(q => Plain.Truth(q) == option).Should().BeApproximately(0.25, 0.01);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.55)]
    [InlineData(0.9)]
    [InlineData(1.0)]
    public void A_model_is_right_as_often_as_it_should_be(double accuracy)
    {
        Share(q => Plain.Answer(q, 3, accuracy) == Plain.Truth(q)).Should().BeApproximately(accuracy, 0.011);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    [InlineData(0.6)]
    public void Two_models_are_right_together_as_often_as_their_correlation_says(double rho)
    {
        const double p = 0.7;
        var kind = Plain with { Correlation = rho };

        var both = Share(q => kind.Answer(q, 1, p) == kind.Truth(q) && kind.Answer(q, 2, p) == kind.Truth(q));
        var first = Share(q => kind.Answer(q, 1, p) == kind.Truth(q));

        first.Should().BeApproximately(p, 0.011);
        both.Should().BeApproximately((p * p) + (rho * p * (1 - p)), 0.011);
    }

    [Theory]
    [InlineData(null, 1.0 / 3)]
    [InlineData(0.6, 0.6)]
    [InlineData(0.9, 0.9)]
    [InlineData(1.0, 1.0)]
    public void Two_wrong_answers_agree_as_often_as_asked(double? asked, double expected)
    {
        var kind = Plain with { WrongAgreement = asked };

        Share(q => kind.Answer(q, 1, 0) == kind.Answer(q, 2, 0)).Should().BeApproximately(expected, 0.011);
        Share(q => kind.Answer(q, 1, 0) == kind.Truth(q)).Should().Be(0);
    }

    [Fact]
    public void A_mixture_is_easy_for_its_share_of_questions()
    {
        var kind = Plain with { Mixture = new ItemMixture(0.6, 1, 0) };

        Share(q => kind.Answer(q, 1, 0.5) == kind.Truth(q)).Should().BeApproximately(0.6, 0.011);
        Share(q => (kind.Answer(q, 1, 0.5) == kind.Truth(q)) == (kind.Answer(q, 2, 0.5) == kind.Truth(q))).Should().Be(1);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(0.95)]
    public void Confidence_tells_right_from_wrong_as_well_as_asked(double auc)
    {
        Share(q => Plain.Confidence(q, 1, isRight: true, auc) > Plain.Confidence(q, 2, isRight: false, auc)).Should().BeApproximately(auc, 0.011);
    }

    [Fact]
    public void Answers_do_not_depend_on_what_was_asked_before()
    {
        var forwards = Enumerable.Range(0, 200).Select(q => Plain.Answer(q, 1, 0.7)).ToArray();
        var backwards = Enumerable.Range(0, 200).Reverse().Select(q => Plain.Answer(q, 1, 0.7)).Reverse();

        backwards.Should().Equal(forwards);
        Enumerable.Range(0, 200).Select(q => (Plain with { Seed = 43 }).Answer(q, 1, 0.7)).Should().NotEqual(forwards);
    }

    private static double Share(Func<long, bool> holds) => Enumerable.Range(0, Questions).Count(q => holds(q)) / (double)Questions;
}
