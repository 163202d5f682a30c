using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Hosting;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class CapsTests
{
    // At most 100 answer tokens: a call costs 0.0001 at worst and a synthesis as much, since prompts are free.
    private const string Priced = "price = { input = 0, output = 1 }";
    private const string Short = "\"max_tokens\":100";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(50);

    private static readonly SimulatedModel[] Models =
        [.. new[] { "a", "b", "c", "s" }.Select(id => SimulatedModel.Saying(id, $"yes, {id} thinks so") with { Usage = new SimulatedUsage(10, 5) })];

    [Theory]
    [InlineData(4, 4, null, "merged")]
    [InlineData(3, 3, "fewer_drafts", "merged")]
    [InlineData(2, 2, "fewer_drafts,best_draft", "fallback_primary")]
    [InlineData(1, 1, "single_upstream", "single_success")]
    public async Task An_ensemble_within_max_calls_gives_up_drafts_then_synthesis_then_itself(int maxCalls, int made, string? step, string decision)
    {
        await using var scenario = await StartAsync();

        var (response, body) = await scenario.AskAsync("moa", $"\"x_meta_model\":{{\"trace\":true,\"max_calls\":{maxCalls}}}");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.ChatCalls.Should().HaveCount(made);
        Header(response, "X-MetaModel-Degrade-Step").Should().Be(step);
        Header(response, "X-MetaModel-Synth-Decision").Should().Be(decision);
        var trace = body.GetProperty("x_meta_model");
        string.Join(',', trace.GetProperty("degraded").EnumerateArray()).Should().Be(step ?? "");
        trace.GetProperty("calls").GetArrayLength().Should().Be(made);
    }

    [Theory]
    [InlineData("0.0004", 4, null)]
    [InlineData("0.00035", 3, "fewer_drafts")]
    [InlineData("0.00025", 2, "best_draft")]
    [InlineData("0.0001", 1, "single_upstream")]
    public async Task An_ensemble_within_max_cost_reserves_the_worst_case_first(string cap, int made, string? step)
    {
        await using var scenario = await StartAsync(upstream: Priced);

        var (response, _) = await scenario.AskAsync("moa", $"{Short},\"x_meta_model\":{{\"max_cost_usd\":{cap}}}");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.ChatCalls.Should().HaveCount(made);
        Header(response, "X-MetaModel-Degrade-Step")?.Split(',').Last().Should().Be(step);
        Header(response, "X-MetaModel-Cost-Usd").Should().Be((made * 0.000005m).ToString("0.############", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_single_upstream_in_place_of_an_ensemble_streams()
    {
        await using var scenario = await StartAsync();

        var (response, stream) = await scenario.StreamAsync("moa", "\"x_meta_model\":{\"max_calls\":1}");

        stream.Content.Should().Be("yes, s thinks so");
        stream.Done.Should().BeTrue();
        Header(response, "X-MetaModel-Degrade-Step").Should().Be("single_upstream");
    }

    [Theory]
    [InlineData(4, "fallback_primary", 4)]
    [InlineData(5, "merged", 5)]
    public async Task A_second_synthesizer_is_asked_where_a_call_is_left_for_it(int maxCalls, string decision, int made)
    {
        var broken = new SimulatedFault(SimulatedFaultKind.Status) { Status = 500 };
        await using var scenario = await StartAsync(
            [SimulatedModel.Saying("a", "one"), SimulatedModel.Saying("b", "two"), SimulatedModel.Saying("c", "three"), Models[3] with { Fault = broken }],
            moa: "synthesizer_fallback = \"a\"");

        var (response, _) = await scenario.AskAsync("moa", $"\"x_meta_model\":{{\"max_calls\":{maxCalls}}}");

        Header(response, "X-MetaModel-Synth-Decision").Should().Be(decision);
        scenario.Models.ChatCalls.Should().HaveCount(made);
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    [InlineData("moa", true)]
    [InlineData("jury", false)]
    public async Task A_cap_that_not_even_one_call_fits_is_a_400_before_any_call(string model, bool stream)
    {
        await using var scenario = await StartAsync(upstream: Priced);

        var response = await AnyAsync(scenario, model, $"{Short},\"x_meta_model\":{{\"max_cost_usd\":0.0000001}}", stream);

        await ShouldBeErrorAsync(response, 400, "cap_unsatisfiable", "max_cost_usd");
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    [InlineData("jury")]
    public async Task A_cost_cap_without_prices_is_a_400(string model)
    {
        await using var scenario = await StartAsync();

        var (response, _) = await scenario.AskAsync(model, "\"x_meta_model\":{\"max_cost_usd\":10}");

        await ShouldBeErrorAsync(response, 400, "cap_unsatisfiable", "max_cost_usd");
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task A_request_cannot_loosen_its_profile()
    {
        await using var scenario = await StartAsync(moa: "max_calls = 2");

        await scenario.AskAsync("moa", "\"x_meta_model\":{\"max_calls\":100}");

        scenario.Models.ChatCalls.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_cascade_tries_as_many_members_as_it_may_call()
    {
        var broken = new SimulatedFault(SimulatedFaultKind.Status) { Status = 500 };
        await using var scenario = await StartAsync([.. Models.Select(m => m with { Fault = broken })], upstream: "retries = 3");

        var (response, _) = await scenario.AskAsync("cascade", "\"x_meta_model\":{\"max_calls\":2}");

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        Header(response, "X-MetaModel-Cascade-Tried").Should().Be("a,b");
        scenario.Models.ChatCalls.Should().HaveCount(2, "the last member's retries are calls too");
    }

    [Fact]
    public async Task A_cascade_of_one_says_that_nobody_was_left_to_fall_back_on()
    {
        await using var scenario = await StartAsync();

        var (response, _) = await scenario.AskAsync("cascade", "\"x_meta_model\":{\"max_calls\":1}");

        Header(response, "X-MetaModel-Degrade-Step").Should().Be("single_upstream");
    }

    [Fact]
    public async Task Retries_end_where_the_calls_do()
    {
        var broken = new SimulatedFault(SimulatedFaultKind.Status) { Status = 503 };
        await using var scenario = await StartAsync([Models[0] with { Fault = broken }], upstream: "retries = 5");

        var (response, _) = await scenario.AskAsync("a", "\"x_meta_model\":{\"max_calls\":2}");

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        scenario.Models.ChatCalls.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_vote_within_max_calls_asks_fewer_voters_but_never_fewer_than_it_needs()
    {
        await using var scenario = await StartAsync(more: "[profiles.strict]\ntype = \"voting\"\nupstreams = [\"a\", \"b\", \"c\"]\nmin_votes = 3\n");

        var (fewer, _) = await scenario.AskAsync("jury", "\"x_meta_model\":{\"max_calls\":2}");
        var (tooFew, _) = await scenario.AskAsync("strict", "\"x_meta_model\":{\"max_calls\":2}");

        Header(fewer, "X-MetaModel-Voters").Should().Be("2");
        Header(fewer, "X-MetaModel-Degrade-Step").Should().Be("fewer_drafts");
        await ShouldBeErrorAsync(tooFew, 400, "cap_unsatisfiable", "max_calls");
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    [InlineData("moa", false)]
    [InlineData("moa", true)]
    [InlineData("jury", false)]
    public async Task A_latency_cap_that_is_over_with_nothing_to_give_is_a_504(string model, bool stream)
    {
        await using var scenario = await StartAsync([.. Models.Select(m => m with { FirstTokenDelay = Long })]);

        var response = await AnyAsync(scenario, model, "\"x_meta_model\":{\"max_latency_ms\":600}", stream).WaitAsync(TimeSpan.FromSeconds(20));

        await ShouldBeErrorAsync(response, 504, "deadline_exceeded", null);
    }

    [Fact]
    public async Task A_latency_cap_without_time_for_the_synthesis_gives_the_best_draft()
    {
        await using var scenario = await StartAsync([.. Models[..3], Models[3] with { FirstTokenDelay = Long }]);

        var (response, body) = await scenario.AskAsync("moa", "\"x_meta_model\":{\"max_latency_ms\":2500}").WaitAsync(TimeSpan.FromSeconds(20));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().MatchRegex("^yes, [abc] thinks so$");
        Header(response, "X-MetaModel-Degrade-Step").Should().Be("best_draft");
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    [InlineData("moa", false)]
    [InlineData("jury", false)]
    public async Task A_client_in_a_hurry_closes_no_upstream_to_the_others(string model, bool stream)
    {
        await using var scenario = await StartAsync([.. Models.Select(m => m with { FirstTokenDelay = Long })]);
        for (var i = 0; i < 6; i++)
        {
            using var response = await AnyAsync(scenario, model, "\"x_meta_model\":{\"max_latency_ms\":50}", stream).WaitAsync(TimeSpan.FromSeconds(20));
            await ShouldBeErrorAsync(response, 504, "deadline_exceeded", null);
        }

        scenario.Gateway.Services.GetRequiredService<RuntimeHost>().Current.Upstreams.All.Should().NotContain(u => u.Resting != null);
    }

    [Fact]
    public async Task A_latency_cap_ends_a_stream_in_the_middle_with_an_error_event()
    {
        var endless = SimulatedModel.Saying("a", string.Join(' ', Enumerable.Repeat("word", 2000))) with { TokensPerSecond = 20 };
        await using var scenario = await StartAsync([endless]);

        var (response, stream) = await scenario.StreamAsync("a", "\"x_meta_model\":{\"max_latency_ms\":1500}").WaitAsync(TimeSpan.FromSeconds(20));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        stream.Content.Should().StartWith("word");
        stream.Done.Should().BeFalse();
        stream.Error!.Value.GetProperty("code").GetString().Should().Be("deadline_exceeded");
    }

    [Fact]
    public async Task No_request_makes_more_calls_or_costs_more_than_it_may()
    {
        var flaky = new SimulatedFault(SimulatedFaultKind.Status) { Status = 503, Every = 4 };
        await using var scenario = await StartAsync(
            [.. Models.Select(m => m with { Fault = flaky })], upstream: $"{Priced}\nretries = 1\nhedge = {{ after = 0.001, budget = 1 }}");

        await Seeded.RunAsync(60, async random =>
        {
            var before = scenario.Models.ChatCalls.Length;
            var calls = random.Next(1, 7);
            var cost = random.Next(1, 8) * 0.0001m;
            var model = new[] { "a", "cascade", "moa", "jury" }[random.Next(4)];

            var (response, _) = await scenario.AskAsync(
                model, string.Create(CultureInfo.InvariantCulture, $"{Short},\"x_meta_model\":{{\"max_calls\":{calls},\"max_cost_usd\":{cost}}}"));

            (scenario.Models.ChatCalls.Length - before).Should().BeLessThanOrEqualTo(calls, model);
            if (Header(response, "X-MetaModel-Cost-Usd") is { } spent)
            {
                decimal.Parse(spent, CultureInfo.InvariantCulture).Should().BeLessThanOrEqualTo(cost, model);
            }
        });
    }

    private static Task<GatewayScenario> StartAsync(SimulatedModel[]? models = null, string moa = "", string upstream = "", string more = "") => GatewayScenario.StartAsync(
        models ?? Models, moa: moa, upstream: upstream,
        more: $"{more}[profiles.jury]\ntype = \"voting\"\nupstreams = [\"a\", \"b\", \"c\"]\naggregation = \"majority\"\n[features]\nvoting = true\n");

    private static async Task<HttpResponseMessage> AnyAsync(GatewayScenario scenario, string model, string members, bool stream) => stream
        ? await scenario.SendStreamAsync(model, members, "Hello?", default)
        : (await scenario.AskAsync(model, members)).Response;

    private static async Task ShouldBeErrorAsync(HttpResponseMessage response, int status, string code, string? param)
    {
        ((int)response.StatusCode).Should().Be(status);
        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        var error = body.RootElement.GetProperty("error");
        error.GetProperty("code").GetString().Should().Be(code);
        error.GetProperty("param").GetString().Should().Be(param);
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
