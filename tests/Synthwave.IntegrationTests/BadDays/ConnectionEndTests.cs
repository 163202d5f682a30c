using Microsoft.Extensions.DependencyInjection;
using Synthwave.Api.Admission;
using Synthwave.Hosting;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>How long a connection lasts, and what its answers say of that.</summary>
public sealed class ConnectionEndTests
{
    [Theory]
    [InlineData("1.1", "", true, "Connection: keep-alive")]
    [InlineData("1.1", "", false, null)]
    [InlineData("1.1", "Connection: close\r\n", true, "Connection: close")]
    [InlineData("1.1", "Connection: close\r\n", false, "Connection: close")]
    [InlineData("1.1", "Connection: Keep-Alive, Close\r\n", true, "Connection: close")]
    [InlineData("1.0", "", true, "Connection: close")]
    [InlineData("1.0", "", false, "Connection: close")]
    [InlineData("1.0", "Connection: keep-alive\r\n", true, "Connection: close")]
    [InlineData("1.0", "Connection: keep-alive\r\n", false, "Connection: keep-alive")]
    public async Task An_answer_says_truly_whether_its_connection_is_kept(string version, string header, bool stream, string? said)
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: stream), header, version: version));
        (await client.ReadUntilAsync("\r\n\r\n")).Should().BeTrue();
        var head = client.Received[..client.Received.IndexOf("\r\n\r\n", StringComparison.Ordinal)];

        head.Split("\r\n").Where(l => l.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)).Should().Equal(said is null ? [] : [said]);
        if (said is "Connection: close")
        {
            (await client.ReadToEndAsync()).Should().Contain(stream ? "data: [DONE]" : BadDay.Texts["a"]);
        }
        else
        {
            (await client.ReadUntilAsync(stream ? "data: [DONE]\n\n" : BadDay.Texts["a"])).Should().BeTrue();
            await client.SendAsync("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n");
            (await client.ReadUntilAsync("{\"status\":\"ok\"}")).Should().BeTrue("the connection is kept");
        }

        await day.ShouldBeQuietAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Once_a_stop_was_asked_for_every_answer_is_the_last_of_its_connection(bool stream)
    {
        await using var day = await BadDay.StartAsync();
        day.Gateway.Services.GetRequiredService<ShutdownSignal>().Begin();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: stream)));
        var answer = await client.ReadToEndAsync();

        answer.Should().Contain("Connection: close").And.NotContain("keep-alive").And.Contain(stream ? "data: [DONE]" : BadDay.Texts["a"]);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed_after_its_time()
    {
        var time = new ManualTimeProvider();
        await using var day = await BadDay.StartAsync(time: time);
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        var since = time.Elapsed;
        var closed = client.ReadToEndAsync();

        await BadDay.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return closed.IsCompleted;
        }, "it is closed");

        (await closed).Should().BeEmpty();
        (time.Elapsed - since).Should().BeGreaterThanOrEqualTo(ClientConnection.LongestSilence);
    }

    [Fact]
    public async Task A_connection_that_has_said_something_is_kept_between_two_requests()
    {
        var time = new ManualTimeProvider();
        await using var day = await BadDay.StartAsync(time: time);
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n");
        (await client.ReadUntilAsync("{\"status\":\"ok\"}")).Should().BeTrue();

        time.Advance(10 * ClientConnection.LongestSilence);
        await client.SendAsync("GET /openapi.json HTTP/1.1\r\nHost: gateway\r\n\r\n");

        (await client.ReadUntilAsync("\"openapi\"")).Should().BeTrue();
    }
}
