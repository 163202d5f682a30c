using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Hosting;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>How long a stop that was asked for waits for balancers.</summary>
public sealed class DrainTests
{
    [Theory]
    [InlineData(null, 5)]
    [InlineData(20.5, 20.5)]
    public async Task The_server_stops_when_the_drain_is_over(double? configured, double seconds)
    {
        var time = new FakeTimeProvider();
        await using var gateway = await StartAsync(configured, time);
        var lifetime = gateway.Services.GetRequiredService<IHostApplicationLifetime>();
        var drain = gateway.Services.GetRequiredService<Drain>();

        drain.Begin();
        time.Advance(TimeSpan.FromSeconds(seconds / 2));
        drain.Begin();
        time.Advance(TimeSpan.FromSeconds((seconds / 2) - 0.001));
        var before = lifetime.ApplicationStopping.IsCancellationRequested;
        time.Advance(TimeSpan.FromSeconds(0.001));

        before.Should().BeFalse();
        lifetime.ApplicationStopping.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Without_a_drain_the_server_stops_at_once()
    {
        await using var gateway = await StartAsync(0, new FakeTimeProvider());

        gateway.Services.GetRequiredService<Drain>().Begin();

        gateway.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.Should().BeTrue();
    }

    private static Task<TestGateway> StartAsync(double? drainSecs, TimeProvider time) =>
        TestGateway.StartAsync(drainSecs is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"[server]\ndrain_secs = {seconds}\n") : "", time: time);
}
