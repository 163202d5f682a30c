using System.Text.Json;
using Synthwave.Commands;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class DemoTests : IAsyncLifetime
{
    private SimulatedServer _models = null!;
    private TestGateway _gateway = null!;

    public static TheoryData<string> Asked => [.. DemoLibrary.Instance.Questions.Select(q => q.Ask)];

    public async Task InitializeAsync()
    {
        _models = await SimulatedServer.StartAsync(DemoModels.All.Select(m => m with { FirstTokenDelay = TimeSpan.Zero, TokensPerSecond = 0 }));
        _gateway = await TestGateway.StartAsync(DemoCommand.Configuration(_models.BaseUrl, 8400));
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _models.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public async Task Ensemble_joins_what_each_draft_alone_had(string ask)
    {
        var question = DemoLibrary.Instance.Find(ask)!;

        using var response = await _gateway.Client.PostChatAsync($"{_gateway.Address}v1", ChatCall.Body("ensemble", ask, stream: true));
        var stream = await response.ShouldBeChatStreamAsync();

        stream.Content.Should().StartWith(question.Synthesis).And.ContainAll(question.Only.Values);
        stream.Reasoning.Should().BeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public async Task Relay_gives_the_draft_of_its_first_member(string ask)
    {
        var (response, body) = await AskAsync("relay", ask);

        response.Should().Be(200);
        body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be(DemoLibrary.Instance.Find(ask)!.Drafts["sim-quick"]);
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public async Task Jury_votes_where_there_is_a_yes_or_no_and_says_so_where_there_is_none(string ask)
    {
        var votes = DemoLibrary.Instance.Find(ask)!.Votes;

        var (status, body) = await AskAsync("jury", ask);

        if (votes.IsEmpty)
        {
            status.Should().Be(503);
            body.GetProperty("error").ShouldBeError("insufficient_votes");
            return;
        }

        var report = body.GetProperty("x_meta_model");
        report.GetProperty("verdict").GetString().Should().Be("yes");

        // One yes settles it, and whoever has not voted by then need not.
        report.GetProperty("ballots").EnumerateArray().Where(b => b.TryGetProperty("vote", out _)).Should().NotBeEmpty()
            .And.OnlyContain(b => b.GetProperty("vote").GetString() == (votes[b.GetProperty("upstream").GetString()!] ? "yes" : "no"));
    }

    [Theory]
    [InlineData("ensemble")]
    [InlineData("relay")]
    public async Task Unknown_question_gets_an_honest_answer(string profile)
    {
        var (status, body) = await AskAsync(profile, "What is the capital of France?");

        status.Should().Be(200);
        body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Contain("simulated model").And.NotContain("Paris");
    }

    private async Task<(int Status, JsonElement Body)> AskAsync(string profile, string ask)
    {
        using var response = await _gateway.Client.PostChatAsync($"{_gateway.Address}v1", ChatCall.Body(profile, ask));
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }
}
