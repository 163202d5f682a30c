using System.Net;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>The client's limit against what an upstream can write, 4,096 tokens here, and what of the client's wishes a synthesizer is sent.</summary>
public sealed class OutputCapTests
{
    private static readonly SimulatedModel[] Models = [SimulatedModel.Saying("a", "one"), SimulatedModel.Saying("b", "two"), SimulatedModel.Saying("c", "three"), SimulatedModel.Saying("s", "all")];

    [Theory]
    [InlineData("a", "max_tokens", "64000")]
    [InlineData("a", "max_completion_tokens", "4097")]
    [InlineData("cascade", "max_tokens", "\"64000\"")]
    [InlineData("cascade", "max_completion_tokens", "1e5")]
    public async Task A_limit_above_what_the_upstream_can_write_is_lowered_and_told(string model, string member, string value)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.AskAsync(model, $"\"{member}\":{value}");
        var (head, _) = await scenario.StreamAsync(model, $"\"{member}\":{value}");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        response.Header("X-MetaModel-Clamped").Should().Be(member);
        head.Header("X-MetaModel-Clamped").Should().Be(member);
        scenario.Models.ChatCalls.Should().HaveCount(2).And.OnlyContain(c => c.BodyText.Contains($"\"{member}\":4096"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task A_limit_within_it_is_sent_as_it_came(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, _) = await scenario.AskAsync(model, "\"max_tokens\": 4096");

        response.Header("X-MetaModel-Clamped").Should().BeEmpty();
        scenario.Models.ChatCalls.Single().BodyText.Should().Contain("\"max_tokens\": 4096");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task Nothing_is_lowered_where_the_operator_does_not_want_it(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: "clamp_max_tokens = false");

        var (response, _) = await scenario.AskAsync(model, "\"max_tokens\":64000");

        response.Header("X-MetaModel-Clamped").Should().BeEmpty();
        scenario.Models.ChatCalls.Single().BodyText.Should().Contain("\"max_tokens\":64000");
    }

    [Fact]
    public async Task Only_who_answers_is_told_of()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Models[0] with { Fault = new(SimulatedFaultKind.Status) { Status = 503 } }, .. Models[1..], SimulatedModel.Saying("large", "yes")],
            more: "[upstreams.large]\nmodel_id = \"large\"\nbase_url = \"$BASE_URL\"\ncontext = 200000\nmax_output = 100000\n[profiles.grow]\ntype = \"cascade\"\nupstreams = [\"a\", \"large\"]");

        var (response, _) = await scenario.AskAsync("grow", "\"max_tokens\":64000");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Header("X-MetaModel-Clamped").Should().BeEmpty();
        scenario.Models.ChatCalls[^1].BodyText.Should().Contain("\"max_tokens\":64000");
    }

    [Theory]
    [InlineData("merge")]
    [InlineData("best_of")]
    public async Task The_synthesizer_is_told_how_much_to_think_and_for_whom(string aggregate)
    {
        const string Manner = "\"reasoning_effort\":\"low\",\"verbosity\":\"low\",\"service_tier\":\"flex\",\"safety_identifier\":\"h\",\"user\":\"u\",\"prompt_cache_key\":\"k\"";
        await using var scenario = await GatewayScenario.StartAsync(Models, moa: aggregate == "merge" ? "" : "synthesis_mode = \"best-of\"");

        var (response, body) = await scenario.AskAsync("moa", Manner);

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Should().HaveCount(4).And.OnlyContain(c => c.BodyText.Contains(Manner));
        scenario.Models.CallsTo("s").Should().Be(1);
    }

    [Theory]
    [InlineData("\"max_completion_tokens\":300,\"reasoning_effort\":\"low\"", "max_completion_tokens", 300 + 2048)]
    [InlineData("\"max_completion_tokens\":300,\"reasoning_effort\":\"high\"", "max_completion_tokens", 300 + 4096 - 300)]
    [InlineData("\"max_completion_tokens\":300,\"reasoning_effort\":\"none\"", "max_completion_tokens", 300)]
    [InlineData("\"max_completion_tokens\":300", "max_completion_tokens", 300)]
    [InlineData("\"max_tokens\":300,\"reasoning_effort\":\"low\"", "max_tokens", 300)]
    public async Task A_limit_of_the_completion_leaves_the_synthesizer_room_to_think(string members, string name, int expected)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        await scenario.AskAsync("moa", members);

        scenario.Models.ChatCalls.Single(c => c.Model == "s").Json.At(name).GetInt32().Should().Be(expected);
        scenario.Models.ChatCalls.First(c => c.Model == "a").Json.At(name).GetInt32().Should().Be(300);
    }
}
