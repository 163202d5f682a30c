using System.Net;
using System.Text;
using System.Text.Json;
using Synthwave.Commands;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class VotingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(50);

    [Fact]
    public async Task A_verdict_is_a_completion_of_the_profile_with_its_count()
    {
        await using var scenario = await VoteAsync([Says("a", "No."), Says("b", "**No**"), Says("c", "Answer: yes") with { FirstTokenDelay = TimeSpan.FromSeconds(0.5) }]);

        var (response, body) = await scenario.AskAsync("jury");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        body.GetProperty("id").GetString().Should().MatchRegex("^metamodel-vote-[0-9a-f]{24}$");
        body.GetProperty("object").GetString().Should().Be("chat.completion");
        body.GetProperty("model").GetString().Should().Be("jury");
        body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be("yes");
        body.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("stop");
        Votes(body).Should().Equal("no", "no", "yes");
        body.GetProperty("x_meta_model").GetProperty("verdict").GetString().Should().Be("yes");
        Header(response, "X-MetaModel-Profile").Should().Be("jury");
        Header(response, "X-MetaModel-Voters").Should().Be("3");
        Header(response, "X-MetaModel-Vote-Failures").Should().Be("0");
        Header(response, "X-MetaModel-Vote-Unparseable").Should().Be("0");
        Header(response, "X-MetaModel-Verdict").Should().Be("yes");
        Header(response, "X-MetaModel-Tools-Tokens").Should().Be("0");
        Header(response, "X-MetaModel-Compacted-N").Should().Be("0");
    }

    [Fact]
    public async Task A_streamed_verdict_is_the_same_with_its_count_before_the_end()
    {
        await using var scenario = await VoteAsync([Says("a", "no"), Says("b", "no"), Says("c", "no")]);

        var (response, stream) = await scenario.StreamAsync("jury", "\"stream_options\":{\"include_usage\":true}");

        stream.Content.Should().Be("no");
        stream.FinishReason.Should().Be("stop");
        stream.Done.Should().BeTrue();
        stream.Usage.Should().NotBeNull();
        stream.Chunks.Last().GetProperty("x_meta_model").GetProperty("verdict").GetString().Should().Be("no");
        Header(response, "X-MetaModel-Verdict").Should().Be("no");
    }

    [Fact]
    public async Task Usage_is_the_sum_of_the_voters()
    {
        var usage = new SimulatedUsage(100, 2);
        await using var scenario = await VoteAsync([Says("a", "no") with { Usage = usage }, Says("b", "no") with { Usage = usage }, Says("c", "no") with { Usage = usage }]);

        var (_, body) = await scenario.AskAsync("jury");

        body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().Be(300);
        body.GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(6);
    }

    [Fact]
    public async Task Voters_get_the_profile_s_limits_and_nothing_that_could_blank_a_vote()
    {
        await using var scenario = await VoteAsync([Says("a", "no"), Says("b", "no"), Says("c", "no")]);

        await scenario.AskAsync(
            "jury",
            """
            "temperature":1.5,"max_completion_tokens":900,"stop":["n"],"logprobs":true,"seed":7,"my_own":1,
            "tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_object"}
            """);

        scenario.Models.ChatCalls.Should().HaveCount(3);
        using var sent = JsonDocument.Parse(scenario.Models.ChatCalls[0].BodyText);
        sent.RootElement.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo("messages", "seed", "temperature", "max_tokens", "model");
        sent.RootElement.GetProperty("temperature").GetDouble().Should().Be(0);
        sent.RootElement.GetProperty("max_tokens").GetInt32().Should().Be(5);
    }

    [Theory]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0]")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"custom\",\"custom\":{\"name\":\"g\"}}]", "tools[1]")]
    [InlineData("\"allowed_tools\":[\"f\"]", "allowed_tools")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"allowed_tools\"}", "tool_choice")]
    public async Task Tools_nobody_here_knows_are_left_out_of_a_vote_like_all_others(string members, string ignored)
    {
        await using var scenario = await VoteAsync([Says("a", "no"), Says("b", "no"), Says("c", "no")]);

        var (response, _) = await scenario.AskAsync("jury", members);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        Header(response, "X-MetaModel-Verdict").Should().Be("no");
        Header(response, "X-MetaModel-Ignored").Should().Be(ignored);
        scenario.Models.ChatCalls.Should().HaveCount(3);
        using var sent = JsonDocument.Parse(scenario.Models.ChatCalls[0].BodyText);
        sent.RootElement.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo("messages", "temperature", "max_tokens", "model");
    }

    [Fact]
    public async Task The_first_yes_decides_any_yes_and_the_rest_is_cancelled()
    {
        await using var scenario = await VoteAsync([Says("a", "no") with { FirstTokenDelay = Long }, Says("b", "yes"), Says("c", "no") with { FirstTokenDelay = Long }]);

        var (response, body) = await scenario.AskAsync("jury", "\"x_meta_model\":{\"trace\":true}").WaitAsync(TimeSpan.FromSeconds(20));

        Header(response, "X-MetaModel-Verdict").Should().Be("yes");
        Header(response, "X-MetaModel-Vote-Failures").Should().Be("0");
        var trace = body.GetProperty("x_meta_model");
        trace.GetProperty("ballots").EnumerateArray().Select(b => b.TryGetProperty("reason", out var reason) ? reason.GetString() : b.GetProperty("vote").GetString())
            .Should().Equal("cancelled", "yes", "cancelled");
        trace.GetProperty("calls").EnumerateArray().Count(c => c.GetProperty("outcome").GetString() == "cancelled").Should().Be(2);
        trace.GetProperty("usage_complete").GetBoolean().Should().BeFalse();
    }

    [Theory]
    [InlineData("aggregation = \"all_yes\"", "yes", "no", "yes", "no")]
    [InlineData("aggregation = \"all_yes\"", "yes", "yes", "yes", "yes")]
    [InlineData("aggregation = \"majority\"", "no", "yes", "yes", "yes")]
    [InlineData("aggregation = \"majority\"", "no", "yes", "no", "no")]
    [InlineData("aggregation = \"weighted\"\nweights = { a = 3 }", "yes", "no", "no", "yes")]
    [InlineData("aggregation = \"weighted\"\nweights = { a = 2 }\ntie = \"no\"", "yes", "no", "no", "no")]
    public async Task Aggregations_make_their_verdict(string profile, string a, string b, string c, string verdict)
    {
        await using var scenario = await VoteAsync([Says("a", a), Says("b", b), Says("c", c)], profile);

        var (response, _) = await scenario.AskAsync("jury");

        Header(response, "X-MetaModel-Verdict").Should().Be(verdict);
    }

    [Fact]
    public async Task An_unparseable_vote_is_visible_and_counts_as_failure_vote()
    {
        await using var scenario = await VoteAsync([Says("a", "no"), Says("b", "I am unsure"), Says("c", "<think>\nyes or")], "failure_vote = \"no\"");

        var (response, body) = await scenario.AskAsync("jury");

        Header(response, "X-MetaModel-Verdict").Should().Be("no");
        Header(response, "X-MetaModel-Vote-Unparseable").Should().Be("2");
        Header(response, "X-MetaModel-Vote-Failures").Should().Be("0");
        Votes(body).Should().Equal("no", "no", "no");
        var ballots = body.GetProperty("x_meta_model").GetProperty("ballots");
        ballots[1].GetProperty("reason").GetString().Should().Be("unparseable");
        ballots[1].TryGetProperty("vote", out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_failed_voter_is_counted_as_configured_and_named()
    {
        await using var scenario = await VoteAsync([Says("a", "no"), Fails("b"), Says("c", "no")], "failure_vote = \"yes\"");

        var (response, body) = await scenario.AskAsync("jury");

        Header(response, "X-MetaModel-Verdict").Should().Be("yes");
        Header(response, "X-MetaModel-Vote-Failures").Should().Be("1");
        body.GetProperty("x_meta_model").GetProperty("ballots")[1].GetProperty("reason").GetString().Should().Be("non_2xx");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_few_real_votes_are_no_verdict(bool stream)
    {
        await using var scenario = await VoteAsync([Says("a", "yes"), Fails("b"), Says("c", "perhaps")], "min_votes = 2");

        var response = await (stream ? scenario.SendStreamAsync("jury", "", "Hello?", default) : AskOnlyAsync(scenario));

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var error = body.RootElement.GetProperty("error");
        error.GetProperty("code").GetString().Should().Be("insufficient_votes");
        error.GetProperty("type").GetString().Should().Be("service_unavailable_error");
        Header(response, "X-MetaModel-Vote-Failures").Should().Be("1");
        Header(response, "X-MetaModel-Verdict").Should().BeNull("none was reached");
        response.Headers.RetryAfter.Should().NotBeNull();
    }

    [Fact]
    public async Task A_slow_voter_is_waited_for_while_its_vote_matters()
    {
        await using var scenario = await VoteAsync(
            [Says("a", "no"), Says("b", "no"), Says("c", "yes") with { FirstTokenDelay = TimeSpan.FromSeconds(1.5) }], "failure_vote = \"no\"");

        var (response, _) = await scenario.AskAsync("jury");

        Header(response, "X-MetaModel-Verdict").Should().Be("yes");
    }

    [Fact]
    public async Task A_voter_that_thinks_aloud_is_read_behind_its_thoughts()
    {
        await using var scenario = await VoteAsync(
            [Says("a", "<think>maybe yes</think>No."), Says("b", "no"), Says("c", "") with { Reasoning = "Everything speaks against it, so no." }], "max_tokens = 64");

        var (response, _) = await scenario.AskAsync("jury");

        Header(response, "X-MetaModel-Verdict").Should().Be("no");
        Header(response, "X-MetaModel-Vote-Unparseable").Should().Be("0");
    }

    [Fact]
    public async Task The_demo_has_a_jury_that_is_listed_and_can_be_asked()
    {
        await using var models = await SimulatedServer.StartAsync(DemoModels.All);
        await using var gateway = await TestGateway.StartAsync(DemoCommand.Configuration(models.BaseUrl, 8400));

        using var question = new StringContent("""{"model":"jury","messages":[{"role":"user","content":"Is it risky to cut the mould off bread?"}]}""", Encoding.UTF8, "application/json");
        using var answer = await gateway.Client.PostAsync("/v1/chat/completions", question);
        var listing = await gateway.Client.GetStringAsync("/v1/models");

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        Header(answer, "X-MetaModel-Verdict").Should().Be("yes");
        Header(answer, "X-MetaModel-Vote-Unparseable").Should().Be("0");
        listing.Should().Contain("\"jury\"");
    }

    private static async Task<HttpResponseMessage> AskOnlyAsync(GatewayScenario scenario) => (await scenario.AskAsync("jury")).Response;

    private static Task<GatewayScenario> VoteAsync(SimulatedModel[] models, string profile = "") => GatewayScenario.StartAsync(
        models, more: $"[profiles.jury]\ntype = \"voting\"\nupstreams = [\"a\", \"b\", \"c\"]\n{profile}\n[features]\nvoting = true\n");

    private static SimulatedModel Says(string id, string text) => SimulatedModel.Saying(id, text);

    private static SimulatedModel Fails(string id) => Says(id, "yes") with { Fault = new(SimulatedFaultKind.Status) { Status = 500 } };

    private static IEnumerable<string?> Votes(JsonElement body) => body.GetProperty("x_meta_model").GetProperty("votes").EnumerateArray().Select(v => v.GetString());

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
