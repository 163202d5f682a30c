using System.Globalization;
using Synthwave.Commands;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Commands;

public sealed class SimulateCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        File.Delete(_file);
        _error.Dispose();
    }

    [Fact]
    public async Task Models_of_the_file_answer_until_the_command_is_stopped()
    {
        await File.WriteAllTextAsync(_file, "[models.m]\ntext = \"from the file\"");
        using var output = new AnnouncingWriter();
        using var stop = new CancellationTokenSource();
        using var client = new HttpClient();

        var run = SimulateCommand.RunAsync(_file, "127.0.0.1", 0, output, _error, TimeProvider.System, stop.Token);
        var line = await output.Line.WaitAsync(TimeSpan.FromSeconds(10));
        using var response = await client.PostChatAsync(line.Split(" at ")[1], ChatCall.Body("m"));
        var content = (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString();
        await stop.CancelAsync();

        (await run).Should().Be(0);
        content.Should().Be("from the file");
        line.Should().StartWith("Simulating m at http://127.0.0.1:");
    }

    [Fact]
    public async Task Unusable_file_is_78_with_its_problems()
    {
        await File.WriteAllTextAsync(_file, "[models.m]\nx = 1\ny = 2");

        var exit = await RunAsync(_file, "127.0.0.1", 0);

        exit.Should().Be(78);
        _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(2).And.OnlyContain(l => l.StartsWith(_file));
    }

    [Fact]
    public async Task Missing_file_is_78() => (await RunAsync(_file + ".none", "127.0.0.1", 0)).Should().Be(78);

    [Fact]
    public async Task Taken_port_and_unknown_host_are_1()
    {
        await File.WriteAllTextAsync(_file, "[models.m]");
        await using var other = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));

        (await RunAsync(_file, "127.0.0.1", other.Port)).Should().Be(1);
        (await RunAsync(_file, "no-such-host", 0)).Should().Be(1);

        _error.ToString().Should().Contain(other.Port.ToString(CultureInfo.InvariantCulture)).And.Contain("no-such-host");
    }

    private Task<int> RunAsync(string path, string host, int port) =>
        SimulateCommand.RunAsync(path, host, port, TextWriter.Null, _error, TimeProvider.System, CancellationToken.None);

    private sealed class AnnouncingWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value ?? "");
            return base.WriteLineAsync(value);
        }
    }
}
