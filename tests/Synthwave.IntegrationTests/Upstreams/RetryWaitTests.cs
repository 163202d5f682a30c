using Synthwave.Simulation;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>How long an upstream that says when to come back is waited for.</summary>
public sealed class RetryWaitTests
{
    private readonly ManualTimeProvider _time = new();

    private UpstreamContext Context => new() { Time = _time, Randomizer = () => 0.6, Environment = _ => null };

    [Theory]
    [InlineData(429, 6, 5)]
    [InlineData(429, 25, 5)]
    [InlineData(503, 25, 5)]
    [InlineData(529, 25, 5)]
    [InlineData(429, 1, 0)]
    [InlineData(429, 3600, 3599)]
    public async Task A_wait_longer_than_the_operator_wants_fails_at_once(int status, int retryAfter, int longest)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = status, RetryAfter = retryAfter }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.FromSeconds(longest) }, Context);

        // On this clock a wait would never end.
        var fault = await bench.FaultAsync(mayRetry: true, isLastChance: true, deadline: TimeSpan.FromHours(3));

        (fault.Status, fault.RetryAfter, server.RequestCount).Should().Be((status, TimeSpan.FromSeconds(retryAfter), 1));
    }

    // Not 5 s: so long a reply that is an error may take to be read, which is a timer too.
    [Theory]
    [InlineData(4, 4)]
    [InlineData(25, 60)]
    public async Task A_wait_the_operator_allows_is_waited_out(int retryAfter, int longest)
    {
        await using var server = await SimulatedServer.StartAsync(
            UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 429, RetryAfter = retryAfter, First = 1 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.FromSeconds(longest) }, Context);
        var pending = bench.CallAsync(mayRetry: true, deadline: TimeSpan.FromMinutes(5));

        await server.WhenRequestsAsync(1);
        while (_time.UntilNextTimer != TimeSpan.FromSeconds(retryAfter))
        {
            await Task.Yield();
        }

        _time.Advance(TimeSpan.FromSeconds(retryAfter));

        (await pending).Should().BeOfType<CompleteUpstreamReply>();
    }

    [Fact]
    public async Task Zero_means_that_nothing_is_waited_for_and_a_retry_follows_at_once()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503, First = 2 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.Zero }, Context);

        var reply = await bench.CallAsync(mayRetry: true);

        reply.Should().BeOfType<CompleteUpstreamReply>();
        bench.LastCall.Attempts.Should().Be(3);
        _time.Elapsed.Should().Be(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("a", false, 1)]
    [InlineData("a", true, 1)]
    [InlineData("cascade", false, 2)]
    [InlineData("cascade", true, 2)]
    [InlineData("moa", false, 1)]
    [InlineData("moa", true, 1)]
    public async Task A_client_learns_at_once_when_to_come_back(string profile, bool stream, int requests)
    {
        SimulatedModel[] models = [.. new[] { "a", "b", "s" }.Select(n =>
            SimulatedModel.Saying(n, "one two") with { Fault = new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 25 } })];
        await using var server = await SimulatedServer.StartAsync(models);
        await using var gateway = await TestGateway.StartAsync(
            string.Concat(models.Select(m => $"[upstreams.{m.Id}]\nmodel_id = \"{m.Id}\"\nbase_url = \"{server.BaseUrl}\"\ncontext = 8192\nmax_output = 512\n"))
            + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n"
            + "[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\"]\nsynthesizer = \"s\"\n");

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream));

        ((int)response.StatusCode).Should().Be(429);
        response.Headers.RetryAfter?.Delta.Should().Be(TimeSpan.FromSeconds(25));
        server.ChatCalls.Should().HaveCount(requests);
    }
}
