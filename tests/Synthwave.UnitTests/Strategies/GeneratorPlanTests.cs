using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Strategies;
using Synthwave.Strategies.MixtureOfAgents;
using Synthwave.UnitTests.Chat.Compaction;

namespace Synthwave.UnitTests.Strategies;

public sealed class GeneratorPlanTests
{
    [Fact]
    public void Request_that_fits_everybody_is_sent_in_the_clients_bytes()
    {
        var dispatch = Ensemble.Dispatch(new Talk().Turn("a", "b").Say("user", "c").Say("assistant", "prefill").Json);

        var plan = Plan(dispatch, 0, Ensemble.Generator("a", 4096), Ensemble.Generator("b", 32768));

        plan.Skipped.Should().BeEmpty();
        (plan.CompactedN, plan.PromptTokensOut).Should().Be((0, dispatch.Views.Whole.PromptTokens));
        foreach (var generator in plan.Generators)
        {
            Member(plan.BodyFor(generator, dispatch.Views.Whole.Body), "messages").Should().Be(Member(dispatch.Views.Whole.Body, "messages"));
            Member(plan.BodyFor(generator, dispatch.Views.Whole.Body), "max_tokens").Should().BeNull();
        }
    }

    [Fact]
    public void Small_generator_gets_less_and_the_large_one_everything()
    {
        var talk = new Talk().Say("system", Talk.Text(3000, "rules"));
        for (var i = 0; i < 120; i++)
        {
            talk.Say(i % 2 == 0 ? "user" : "assistant", Talk.Text(300, $"t{i}"));
        }

        var dispatch = Ensemble.Dispatch(talk.Json);
        var (small, large) = (Ensemble.Generator("small", 6144), Ensemble.Generator("large", 32768));

        var plan = Plan(dispatch, 0, small, large);

        Member(plan.BodyFor(large, dispatch.Views.Whole.Body), "messages").Should().Be(Encoding.UTF8.GetString(talk.Json));
        var sent = Encoding.UTF8.GetBytes(Member(plan.BodyFor(small, dispatch.Views.Whole.Body), "messages")!);
        Talk.Content(Talk.Parse(sent)[0]).Should().StartWith(Talk.Text(3000, "rules"));
        MessageTokens.OfAll(sent).Should().Be(plan.PromptTokensOut).And.BeInRange(3200, 6144 - 2000 - 512);
        plan.CompactedN.Should().BeInRange(80, 110);
        plan.PromptTokensFor(large).Should().Be(dispatch.Views.Whole.PromptTokens);
    }

    [Fact]
    public void Generator_that_cannot_hold_the_newest_turn_is_left_out_with_a_reason()
    {
        var dispatch = Ensemble.Dispatch(new Talk().Say("user", Talk.Text(32_000)).Json);

        var plan = Plan(dispatch, 0, Ensemble.Generator("small", 6144), Ensemble.Generator("large", 32768));

        plan.Generators.Select(g => g.Label).Should().Equal("large");
        plan.Skipped.Select(s => $"{s.Key}:{s.Value}").Should().Equal("small:context");
        plan.PromptTokensOut.Should().Be(dispatch.Views.Whole.PromptTokens);
    }

    [Fact]
    public void Nobody_fits_is_413_with_the_numbers()
    {
        var dispatch = Ensemble.Dispatch(new Talk().Turn("old", Talk.Text(9000)).Say("user", Talk.Text(28_000)).Json);

        var plan = Plan(dispatch, 80, Ensemble.Generator("a", 4096), Ensemble.Generator("b", 8192));

        plan.Generators.Should().BeEmpty();
        var error = plan.ToContextError();
        (error.Status, error.Code, error.Type).Should().Be((413, "context_length_exceeded", "invalid_request_error"));
        error.Message.Should().Contain($"{dispatch.Views.Whole.PromptTokens} prompt tokens").And.Contain("tools take 80").And.Contain("the answer 2000").And.Contain("has 8192");
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2512)]
    public void Window_smaller_than_answer_and_margin_holds_nothing(int context)
    {
        Plan(Ensemble.Dispatch(new Talk().Say("user", "hi").Json), 0, Ensemble.Generator("a", context)).Generators.Should().BeEmpty();
    }

    [Theory]
    [InlineData("\"max_tokens\":40000", "max_tokens", "4000")]
    [InlineData("\"max_completion_tokens\":40000", "max_completion_tokens", "4000")]
    [InlineData("\"max_tokens\":100", "max_tokens", "100")]
    public void Asked_output_is_lowered_to_what_the_generator_can_give(string asked, string name, string sent)
    {
        var dispatch = Ensemble.Dispatch(new Talk().Say("user", "hi").Json, asked);
        var generator = Ensemble.Generator("a", 8192, maxOutput: 4000);

        var plan = Plan(dispatch, 0, generator);

        Member(plan.BodyFor(generator, dispatch.Views.Whole.Body), name).Should().Be(sent);
    }

    [Fact]
    public void Asked_output_is_lowered_to_what_a_long_prompt_leaves_of_the_window()
    {
        var dispatch = Ensemble.Dispatch(new Talk().Say("user", Talk.Text(64_000)).Json, "\"max_tokens\":9000");
        var prompt = dispatch.Views.Whole.PromptTokens + 300;
        var generator = Ensemble.Generator("a", prompt + 3512, maxOutput: 3000);

        var plan = Plan(dispatch, 300, generator);

        Member(plan.BodyFor(generator, dispatch.Views.Whole.Body), "max_tokens").Should().Be($"{3512 - (prompt / 32)}");
    }

    [Fact]
    public void Tools_count_per_generator()
    {
        var dispatch = Ensemble.Dispatch(new Talk().Say("user", Talk.Text(2800)).Json);

        var plan = GeneratorPlan.Create([Ensemble.Generator("with", 4096), Ensemble.Generator("without", 4096)], dispatch, g => g.Label == "with" ? 1000 : 0);

        plan.Generators.Select(g => g.Label).Should().Equal("without");
    }

    [Fact]
    public void Learned_ratio_widens_a_window()
    {
        var talk = new Talk();
        for (var i = 0; i < 60; i++)
        {
            talk.Say(i % 2 == 0 ? "user" : "assistant", Talk.Text(400, $"t{i}"));
        }

        var dispatch = Ensemble.Dispatch(talk.Say("user", "?").Json);
        var (plain, learned) = (Ensemble.Generator("plain", 9000), Ensemble.Generator("learned", 9000));
        for (var i = 0; i < 20; i++)
        {
            learned.Upstream.Calibration.Observe(1000, 700);
        }

        Plan(dispatch, 0, plain).CompactedN.Should().BeGreaterThan(0);
        Plan(dispatch, 0, learned).CompactedN.Should().Be(0);
    }

    private static GeneratorPlan Plan(Dispatch dispatch, int tools, params Generator[] generators) => GeneratorPlan.Create([.. generators], dispatch, tools);

    private static string? Member(ChatBody body, string name) => body.TryGet(name, out var value) ? Encoding.UTF8.GetString(value.Span) : null;
}
