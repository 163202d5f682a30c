using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>A request that an upstream has read and worked on is charged for, answered or not: it is not sent there twice.</summary>
public sealed class BilledRequestTests
{
    private const string Json =
        "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi.\"},\"finish_reason\":\"stop\"}]}";

    private static readonly string Answer = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Json.Length}\r\n\r\n{Json}";

    private readonly ManualTimeProvider _time = new();
    private int _requests;

    private UpstreamContext Context => new() { Time = _time, Randomizer = () => 0, Environment = _ => null };

    [Theory]
    [InlineData(false, false, "")]
    [InlineData(true, false, "")]
    [InlineData(false, true, "")]
    [InlineData(true, true, "")]
    [InlineData(false, false, "HTTP/1.1 200 OK\r\nContent-")]
    [InlineData(false, false, "no HTTP\r\n\r\n")]
    public async Task A_connection_that_ends_after_the_whole_request_is_no_reason_to_send_it_again(bool stream, bool reset, string sent)
    {
        await using var server = new RawUpstream(async call =>
        {
            Interlocked.Increment(ref _requests);
            await call.SendAsync(sent);
            call.Close(reset);
        });
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);

        var fault = await bench.FaultAsync(stream, mayRetry: true, isLastChance: true);

        (fault.Kind, fault.WasWorkedOn, fault.IsRetryable()).Should().Be((UpstreamFaultKind.Unreachable, true, false));
        (_requests, bench.LastCall.Attempts).Should().Be((1, 1));
    }

    [Fact]
    public async Task Nor_is_a_kept_connection_that_ends_after_a_while()
    {
        var arrived = new TaskCompletionSource();
        var worked = new TaskCompletionSource();
        await using var server = new RawUpstream(async call =>
        {
            if (Interlocked.Increment(ref _requests) == 1)
            {
                await call.SendAsync(Answer);
                return;
            }

            arrived.TrySetResult();
            await worked.Task;
            call.Close();
        });
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        await bench.CallAsync();

        var pending = bench.FaultAsync(mayRetry: true);
        await arrived.Task.WaitAsync(UpstreamBench.Patience);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        worked.SetResult();

        (await pending).WasWorkedOn.Should().BeTrue();
        (_requests, server.Connections).Should().Be((2, 1));
    }

    [Fact]
    public async Task A_kept_connection_that_dies_at_once_is_one_that_was_dead()
    {
        await using var server = new RawUpstream(async call =>
        {
            if (Interlocked.Increment(ref _requests) == 2)
            {
                call.Close();
                return;
            }

            await call.SendAsync(Answer);
        });
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.Zero }, Context);
        await bench.CallAsync();

        var reply = await bench.CallAsync(mayRetry: true);

        reply.Should().BeOfType<CompleteUpstreamReply>();
        (_requests, bench.LastCall.Attempts, server.Connections).Should().Be((3, 2, 2));
    }

    [Fact]
    public async Task A_request_that_was_not_sent_whole_is_sent_again()
    {
        await using var server = new RawUpstream(
            call =>
            {
                Interlocked.Increment(ref _requests);
                call.Close(reset: true);
                return Task.CompletedTask;
            },
            reads: false);
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.Zero }, Context);

        // More than the sockets between the two can hold.
        var reply = await bench.CallAsync(mayRetry: true, body: ChatCall.Body("m", new string('x', 32 * 1024 * 1024)));

        reply.Should().BeOfType<FaultedUpstreamReply>().Which.Fault.WasWorkedOn.Should().BeFalse();
        (_requests, bench.LastCall.Attempts).Should().Be((3, 3));
    }

    [Theory]
    [InlineData("a", 502, "a")]
    [InlineData("cascade", 200, "a b")]
    [InlineData("moa", 502, "a")]
    public async Task Somebody_else_may_be_asked(string profile, int status, string asked)
    {
        var names = new List<string>();
        await using var server = new RawUpstream(async call =>
        {
            if (!call.Head.StartsWith("POST", StringComparison.Ordinal))
            {
                await call.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                return;
            }

            var name = call.Body.Contains("\"model\":\"a\"", StringComparison.Ordinal) ? "a" : "b";
            names.Add(name);
            if (name == "a")
            {
                call.Close();
                return;
            }

            await call.SendAsync(Answer);
        });
        await using var gateway = await TestGateway.StartAsync(
            string.Concat("ab".Select(n => $"[upstreams.{n}]\nmodel_id = \"{n}\"\nbase_url = \"{server.BaseUrl}\"\ncontext = 8192\nmax_output = 512\n"))
            + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n"
            + "[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\"]\nsynthesizer = \"b\"\n");

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile));

        ((int)response.StatusCode).Should().Be(status);
        string.Join(' ', names).Should().Be(asked);
    }
}
