using Microsoft.Extensions.Time.Testing;
using Synthwave.Commands;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Commands;

public sealed class PingCommandTests : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _http.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Success_is_zero_and_silent()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));

        var exit = await PingCommand.RunAsync(new Uri(server.BaseUrl + "/models"), _http, _error, TimeProvider.System, CancellationToken.None);

        exit.Should().Be(0);
        _error.ToString().Should().BeEmpty();
    }

    [Fact]
    public async Task Other_status_is_one_and_names_it()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));

        var exit = await PingCommand.RunAsync(new Uri(server.BaseUrl + "/nowhere"), _http, _error, TimeProvider.System, CancellationToken.None);

        exit.Should().Be(1);
        _error.ToString().Should().Contain("404");
    }

    [Fact]
    public async Task No_password_and_no_query_is_repeated()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));

        await PingCommand.RunAsync(new Uri(server.BaseUrl.Replace("//", "//user:hush@", StringComparison.Ordinal) + "/nowhere?key=hush"), _http, _error, TimeProvider.System, CancellationToken.None);

        _error.ToString().Should().Contain("/nowhere answered 404").And.NotContain("hush");
    }

    [Fact]
    public async Task Nobody_there_is_one()
    {
        using var port = new RefusedPort();

        var exit = await PingCommand.RunAsync(new Uri(port.BaseUrl), _http, _error, TimeProvider.System, CancellationToken.None);

        exit.Should().Be(1);
        _error.ToString().Should().Contain("cannot be reached");
    }

    [Fact]
    public async Task Silence_is_one_after_three_seconds()
    {
        var clock = new FakeTimeProvider();
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));
        server.CatalogFault = new(SimulatedFaultKind.Stall);

        var ping = PingCommand.RunAsync(new Uri(server.BaseUrl + "/models"), _http, _error, clock, CancellationToken.None);
        await server.WhenRequestsAsync(1);
        clock.Advance(TimeSpan.FromSeconds(2.9));
        ping.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.1));

        (await ping).Should().Be(1);
        _error.ToString().Should().Contain("3 seconds");
    }
}
