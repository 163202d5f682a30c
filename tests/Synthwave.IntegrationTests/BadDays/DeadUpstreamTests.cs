using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Synthwave.TestKit;
using Xunit.Abstractions;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>A crowd in front of an upstream that is gone.</summary>
[Collection(nameof(Alone))]
public sealed class DeadUpstreamTests(ITestOutputHelper output)
{
    private const int Crowd = 500;

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    [InlineData("moa", false)]
    public async Task A_crowd_before_a_refused_port_gets_typed_answers_and_leaves_nothing(string profile, bool stream)
    {
        using var dead = new RefusedPort();
        await CrowdAsync(dead.BaseUrl, profile, stream, "retries = 1");
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("cascade", true)]
    public async Task A_crowd_before_a_black_hole_gets_typed_answers_and_leaves_nothing(string profile, bool stream)
    {
        // Nobody accepts: the first connections wait in the backlog, all further ones are not even made.
        using var hole = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        hole.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        hole.Listen(8);
        await CrowdAsync(
            $"http://127.0.0.1:{((IPEndPoint)hole.LocalEndPoint!).Port}/v1", profile, stream, "retries = 0\nconnect_timeout_secs = 0.5\nfirst_byte_timeout_secs = 0.5");
    }

    private async Task CrowdAsync(string url, string profile, bool stream, string upstream)
    {
        string[] names = ["a", "b", "c"];
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            BaseUrls = names.ToImmutableDictionary(n => n, _ => url),
            Upstreams = names.ToImmutableDictionary(n => n, _ => upstream),
            Server = "request_timeout_secs = 20",
        });
        await AskAsync(day, profile, stream);
        await AskAsync(day, profile, stream);
        var before = await SettledMemoryAsync(day);

        var start = TimeProvider.System.GetTimestamp();
        var codes = await AskAsync(day, profile, stream);
        var took = TimeProvider.System.GetElapsedTime(start);
        var breakerIsOpen = day.Runtime.Current.Upstreams["a"].Resting is not null;

        // Pools of buffers breathe by some MiB; what each request left behind would be in every reading.
        var after = long.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(day, profile, stream);
            after = Math.Min(after, await SettledMemoryAsync(day));
        }

        var grown = after - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{profile}{(stream ? " stream" : "")}: {took.TotalSeconds:F1} s, heap {grown / 1024.0 / 1024:+0.00;-0.00} MiB after 2,000 more, {string.Join(' ', codes.CountBy(c => c).Select(c => $"{c.Value}x {c.Key}"))}"));

        codes.Should().OnlyContain(c => c == "502 upstream_error" || c == "504 upstream_timeout" || c == "503 upstream_unavailable"
            || c == "502 cascade_exhausted" || c == "504 cascade_exhausted" || c == "503 cascade_exhausted" || c == "502 all_generators_failed");
        took.Should().BeLessThan(TimeSpan.FromSeconds(20));
        breakerIsOpen.Should().BeTrue();
        (await day.MetricAsync("synthwave_circuit_open{upstream=\"a\"}")).Should().Be(1);
        grown.Should().BeLessThan(8 * 1024 * 1024);
    }

    private static async Task<string[]> AskAsync(BadDay day, string profile, bool stream)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };
        return await Task.WhenAll(Enumerable.Range(0, Crowd).Select(async _ =>
        {
            using var response = await client.PostChatAsync(day.Gateway.Address + "v1", ChatCall.Body(profile, stream: stream));
            var view = await ClientView.ReadAsync(response);
            return $"{view.Status} {view.Error?.GetProperty("code").GetString()}";
        }));
    }

    private static async Task<long> SettledMemoryAsync(BadDay day)
    {
        await day.ShouldBeQuietAsync();
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
