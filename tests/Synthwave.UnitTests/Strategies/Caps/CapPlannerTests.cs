using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Strategies.Caps;

public sealed class CapPlannerTests
{
    [Fact]
    public void Without_caps_everything_is_done()
    {
        var plan = Ensemble(new CapsConfig(), [1, 1, null], synthesis: null);

        plan.Members.Should().Equal(0, 1, 2);
        plan.Synthesizes.Should().BeTrue();
        plan.Degraded.Should().BeEmpty();
        plan.Calls.Should().Be(4);
        plan.Error.Should().BeNull();
    }

    [Theory]
    [InlineData(4, "0,1,2", true, "")]
    [InlineData(3, "0,1", true, "fewer_drafts")]
    [InlineData(2, "0,1", false, "fewer_drafts,best_draft")]
    [InlineData(1, "0", false, "single_upstream")]
    public void Calls_are_given_up_in_the_documented_order(int maxCalls, string members, bool synthesizes, string degraded)
    {
        var plan = Ensemble(new CapsConfig { MaxCalls = maxCalls }, [1, 1, 1], synthesis: 1);

        string.Join(',', plan.Members).Should().Be(members);
        plan.Synthesizes.Should().Be(synthesizes);
        string.Join(',', plan.Degraded.Select(ReportLabels.Of)).Should().Be(degraded);
        plan.IsSingle.Should().Be(maxCalls == 1);
    }

    [Theory]
    [InlineData(9.0, "0,1,2", true, "")]
    [InlineData(8.0, "0,1", true, "fewer_drafts")]
    [InlineData(6.9, "0,2", true, "fewer_drafts")]
    [InlineData(5.0, "0,1,2", false, "best_draft")]
    [InlineData(4.0, "0,1", false, "fewer_drafts,best_draft")]
    [InlineData(2.5, "0,2", false, "fewer_drafts,best_draft")]
    [InlineData(1.5, "0", false, "single_upstream")]
    public void Cost_gives_up_drafts_before_the_synthesis_and_keeps_config_order_where_it_fits(double maxCost, string members, bool synthesizes, string degraded)
    {
        var plan = Ensemble(new CapsConfig { MaxCostUsd = (decimal)maxCost }, [1, 3, 1], synthesis: 4);

        string.Join(',', plan.Members).Should().Be(members);
        plan.Synthesizes.Should().Be(synthesizes);
        string.Join(',', plan.Degraded.Select(ReportLabels.Of)).Should().Be(degraded);
    }

    [Fact]
    public void What_does_not_even_fit_once_is_refused_with_the_cap()
    {
        var plan = Ensemble(new CapsConfig { MaxCostUsd = 0.5m }, [1, 3, 1], synthesis: 4);

        plan.Error!.Status.Should().Be(400);
        plan.Error.Code.Should().Be("cap_unsatisfiable");
        plan.Error.Param.Should().Be("max_cost_usd");
        plan.Error.Type.Should().BeNull();
        plan.Error.EffectiveType.Should().Be("invalid_request_error");
    }

    [Fact]
    public void A_cost_cap_with_an_unpriced_upstream_is_refused_although_others_would_fit()
    {
        var plan = Ensemble(new CapsConfig { MaxCostUsd = 100 }, [1, null, 1], synthesis: 4);

        plan.Error!.Param.Should().Be("max_cost_usd");
        plan.Error.Message.Should().Contain("u1").And.NotContain("u0");
    }

    [Fact]
    public void A_single_generator_needs_no_synthesis_and_is_no_degradation()
    {
        var plan = Ensemble(new CapsConfig { MaxCalls = 1 }, [1], synthesis: 4);

        plan.Members.Should().Equal(0);
        plan.Degraded.Should().BeEmpty();
        plan.IsSingle.Should().BeFalse();
    }

    [Fact]
    public void Votes_below_the_least_number_are_refused_with_the_cap_that_stands_in_the_way()
    {
        CapPlanner.Parallel(new CapsConfig { MaxCalls = 1 }, Calls([1, 1, 1]), least: 2).Error!.Param.Should().Be("max_calls");
        CapPlanner.Parallel(new CapsConfig { MaxCostUsd = 1 }, Calls([1, 1, 1]), least: 2).Error!.Param.Should().Be("max_cost_usd");
        CapPlanner.Parallel(new CapsConfig { MaxCalls = 2 }, Calls([1, 1, 1]), least: 2).Degraded.Should().Equal(DegradeStep.FewerDrafts);
    }

    [Fact]
    public void A_sequence_passes_over_who_is_too_expensive()
    {
        var plan = CapPlanner.Sequence(new CapsConfig { MaxCostUsd = 3 }, Calls([9, 1, 2]));

        plan.Members.Should().Equal(1, 2);
        plan.WorstCaseUsd.Should().Be(3);
    }

    [Fact]
    public void A_sequence_of_one_has_nobody_to_fall_back_on()
    {
        CapPlanner.Sequence(new CapsConfig { MaxCalls = 1 }, Calls([1, 1])).Degraded.Should().Equal(DegradeStep.SingleUpstream);
        CapPlanner.Sequence(new CapsConfig { MaxCalls = 1 }, Calls([1])).Degraded.Should().BeEmpty();
    }

    [Fact]
    public void No_plan_exceeds_its_caps_and_a_looser_cap_never_gives_less() => Seeded.Run(2000, random =>
    {
        var drafts = Enumerable.Range(0, random.Next(1, 6)).Select(_ => (double?)random.Next(1, 20)).ToArray();
        var synthesis = random.Next(1, 40);
        var caps = new CapsConfig
        {
            MaxCalls = random.Next(3) == 0 ? null : random.Next(1, 8),
            MaxCostUsd = random.Next(3) == 0 ? null : random.Next(1, 80),
        };

        var plan = Ensemble(caps, drafts, synthesis);
        var looser = Ensemble(caps with { MaxCalls = caps.MaxCalls + 1, MaxCostUsd = caps.MaxCostUsd + 5 }, drafts, synthesis);

        if (plan.Error is null)
        {
            var cost = plan.IsSingle ? drafts[plan.Members[0]] : plan.Members.Sum(i => drafts[i]) + (plan.Synthesizes && plan.Members.Length > 1 ? synthesis : 0);
            ((double)plan.WorstCaseUsd!).Should().Be(cost);
            plan.Calls.Should().BeLessThanOrEqualTo(caps.MaxCalls ?? int.MaxValue);
            plan.WorstCaseUsd.Should().BeLessThanOrEqualTo(caps.MaxCostUsd ?? decimal.MaxValue);
            Rank(looser).Should().BeLessThanOrEqualTo(Rank(plan));
        }
        else
        {
            drafts.Min().Should().BeGreaterThan((double)caps.MaxCostUsd!.Value);
        }
    });

    [Fact]
    public void An_allowance_gives_what_is_left_and_no_more()
    {
        var allowance = new CallAllowance(new CapsConfig { MaxCalls = 3, MaxCostUsd = 1 });

        allowance.TryTake(1, 0.6m).Should().BeTrue();
        allowance.TryTake(0.5m).Should().BeFalse("that would cost too much");
        allowance.TryTake(null).Should().BeFalse("nobody knows what it costs");
        allowance.TryTake(0.1m).Should().BeTrue();
        allowance.TryTake(0.1m).Should().BeTrue();
        allowance.TryTake(0.1m).Should().BeFalse("three calls are taken");
    }

    [Fact]
    public void A_request_tightens_caps_and_never_loosens_them()
    {
        var profile = new CapsConfig { MaxCalls = 3, MaxLatency = TimeSpan.FromSeconds(2) };

        var caps = RequestCaps.Of(profile, new() { MaxCalls = 9, MaxCostUsd = 0.5m, MaxLatencyMs = 500 });

        caps.Should().Be(new CapsConfig { MaxCalls = 3, MaxCostUsd = 0.5m, MaxLatency = TimeSpan.FromMilliseconds(500) });
    }

    [Theory]
    [InlineData(1000, null, "", 4.0)]
    [InlineData(1000, 100, "", 1.3)]
    [InlineData(1000, 90000, "", 4.0)]
    [InlineData(1000, 10, "max_tokens=2000", 7.0)]
    public void The_worst_case_is_the_whole_prompt_and_the_longest_answer(int prompt, int? asked, string overrides, double expected)
    {
        var upstream = new UpstreamConfig
        {
            Name = "a", ModelId = "a", BaseUrl = "http://a", Context = 100_000, MaxOutput = 1000,
            Price = new PriceConfig(Input: 1000, Output: 3000, CachedInput: 10),
            RequestOverrides = overrides.Length == 0 ? [] : [KeyValuePair.Create(overrides.Split('=')[0], overrides.Split('=')[1])],
        };

        var usd = CallEstimate.WorstCaseUsd(upstream, prompt, CallEstimate.OutputTokens(upstream, asked));

        usd.Should().Be((decimal)expected);
    }

    private static CapPlan Ensemble(CapsConfig caps, double?[] drafts, double? synthesis) =>
        CapPlanner.Ensemble(caps, Calls(drafts), _ => new CappedCall("s", (decimal?)synthesis), singles: Calls(drafts));

    private static ImmutableArray<CappedCall> Calls(double?[] costs) => [.. costs.Select((c, i) => new CappedCall($"u{i}", (decimal?)c))];

    // Smaller is better.
    private static int Rank(CapPlan plan) => plan switch
    {
        { Error: not null } => 1000,
        { IsSingle: true } => 500,
        { Synthesizes: true } => 10 - plan.Members.Length,
        _ => 100 - plan.Members.Length,
    };
}
