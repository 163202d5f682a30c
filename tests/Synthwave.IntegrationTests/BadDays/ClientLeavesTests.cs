using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Api.Answers;
using Synthwave.Simulation;
using Synthwave.TestKit;
using Xunit.Abstractions;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>A client that leaves takes all of its request's upstream calls with it, at once.</summary>
[Collection(nameof(Alone))]
public sealed class ClientLeavesTests(ITestOutputHelper output)
{
    /// <summary>The contract is 100 ms; a loaded machine may add to it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>How a test names a place in the work, the profile that leads there, and the models that keep it there.</summary>
    private static readonly (string Place, string Profile, string[] Busy)[] Places =
    [
        ("one upstream", "a", ["a"]),
        ("first member", "cascade", ["a"]),
        ("second member", "cascade", ["b"]),
        ("generators", "moa", ["a", "b", "c"]),
        ("straggler", "moa", ["c"]),
        ("synthesizer", "moa", ["s"]),
    ];

    public static TheoryData<string, bool, bool> Waiting
    {
        get
        {
            var cells = new TheoryData<string, bool, bool>();
            foreach (var (place, _, _) in Places)
            {
                cells.Add(place, false, false);
                cells.Add(place, true, false);
                cells.Add(place, true, true);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public async Task A_client_that_leaves_while_it_waits_ends_every_call(string place, bool stream, bool headIsOut)
    {
        var (_, profile, busy) = Places.Single(p => p.Place == place);
        await using var day = await StartAsync(place, busy, new(SimulatedFaultKind.Stall), headIsOut ? "stream_head_grace_secs = 0" : "stream_head_grace_secs = 20");
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body(profile, stream: stream)));
        await BadDay.Until(() => busy.All(id => Calls(day, id).Length == 1), "every upstream call has been made");
        if (headIsOut)
        {
            (await client.ReadUntilAsync(": heartbeat")).Should().BeTrue();
        }

        var left = TimeProvider.System.GetUtcNow();
        client.Leave();

        await ShouldEndAsync(day, profile, busy, left, $"{place}, {(headIsOut ? "heartbeats" : stream ? "stream, no head" : "JSON")}");
    }

    [Theory]
    [InlineData("one upstream", false)]
    [InlineData("one upstream", true)]
    [InlineData("first member", false)]
    [InlineData("second member", false)]
    [InlineData("synthesizer", false)]
    [InlineData("synthesizer", true)]
    public async Task A_client_that_leaves_in_the_middle_of_a_stream_ends_it(string place, bool reset)
    {
        var (_, profile, busy) = Places.Single(p => p.Place == place);
        await using var day = await StartAsync(place, busy, new(SimulatedFaultKind.Endless), "");
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body(profile, stream: true)));
        (await client.ReadUntilAsync("\"content\":\" on and on\"")).Should().BeTrue();

        var left = TimeProvider.System.GetUtcNow();
        client.Leave(reset);

        await ShouldEndAsync(day, profile, busy, left, $"{place}, mid-stream{(reset ? ", reset" : "")}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_between_two_attempts_is_not_retried_for(bool stream)
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model("a", new(SimulatedFaultKind.Status) { Status = 503, RetryAfter = 20 })],
            Upstreams = ImmutableDictionary<string, string>.Empty.Add("a", "max_retry_wait_secs = 60"),
        });
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: stream)));
        await BadDay.Until(() => Calls(day, "a") is [var only] && only.Ended.IsCompleted, "the first attempt has failed");
        day.Admission.InWork.Should().Be(1);

        var start = TimeProvider.System.GetTimestamp();
        client.Leave();
        await day.ShouldBeQuietAsync();

        TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(5), "the wait of 20 seconds is given up");
        day.Models.CallsTo("a").Should().Be(1);
        (await day.MetricAsync("synthwave_requests_total{profile=\"a\",strategy=\"passthrough\",outcome=\"cancelled\"}")).Should().Be(1);
    }

    [Fact]
    public async Task A_client_that_stops_reading_fills_no_memory_and_is_given_up()
    {
        var time = new ManualTimeProvider();
        var setup = new BadDaySetup
        {
            Models = [BadDay.Model("a", new(SimulatedFaultKind.Endless))],
            Server = "max_stream_secs = 0",
            Upstreams = ImmutableDictionary<string, string>.Empty.Add("a", "idle_timeout_secs = 1000000"),
        };
        await using var day = await BadDay.StartAsync(setup, time);
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: true)));
        (await client.ReadUntilAsync("\"content\":\" on and on\"")).Should().BeTrue();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // Nothing is read from here on, and no other clock is set.
        var aborted = Calls(day, "a").Single().Aborted;
        await BadDay.Until(() =>
        {
            time.Advance(SseResponse.LongestStall);
            return aborted.IsCompleted;
        }, "the model is let go");

        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(32 * 1024 * 1024, "what is not read is not taken from the model");
        await day.ShouldBeQuietAsync();
        (await day.MetricAsync("synthwave_requests_total{profile=\"a\",strategy=\"passthrough\",outcome=\"cancelled\"}")).Should().Be(1);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_sends_is_no_failure_of_anyone()
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync(RawClient.Post("{\"model\":\"a\",", contentLength: 5000));
        await BadDay.Until(() => day.Admission.InWork == 1, "the request is in work");

        client.Leave(reset: true);

        await day.ShouldBeQuietAsync();
        day.Models.ChatCalls.Should().BeEmpty();
        (await day.MetricAsync("synthwave_requests_total{profile=\"-\",strategy=\"-\",outcome=\"cancelled\"}")).Should().Be(1);
    }

    private static Task<BadDay> StartAsync(string place, string[] busy, SimulatedFault fault, string server) => BadDay.StartAsync(new BadDaySetup
    {
        Models =
        [
            .. busy.Select(id => BadDay.Model(id, fault) with { TokensPerSecond = fault.Kind is SimulatedFaultKind.Endless ? 200 : 0 }),
            .. place == "second member" ? ImmutableArray.Create(BadDay.Model("a", new SimulatedFault(SimulatedFaultKind.Empty))) : [],
        ],
        Server = server,
        Moa = "grace_secs = 20",
    });

    private async Task ShouldEndAsync(BadDay day, string profile, string[] busy, DateTimeOffset left, string what)
    {
        var aborted = await Task.WhenAll(busy.SelectMany(id => Calls(day, id)).Select(c => c.Aborted)).WaitAsync(BadDay.Patience);
        var took = aborted.Max() - left;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{took.TotalMilliseconds,6:F1} ms  {what}"));

        took.Should().BeLessThan(Limit);
        await day.ShouldBeQuietAsync();
        var strategy = profile == "a" ? "passthrough" : profile;
        (await day.MetricAsync($"synthwave_requests_total{{profile=\"{profile}\",strategy=\"{strategy}\",outcome=\"cancelled\"}}")).Should().Be(1);
        (await day.MetricAsync("synthwave_requests_in_flight")).Should().Be(0);
        day.Runtime.Current.Upstreams.All.Should().OnlyContain(u => u.Resting == null, "a client that leaves says nothing of an upstream");
    }

    private static ImmutableArray<RecordedRequest> Calls(BadDay day, string model) => [.. day.Models.ChatCalls.Where(c => c.Model == model)];
}
