using System.Diagnostics;
using System.Net.Sockets;
using Synthwave.Commands;
using Synthwave.Configuration.Loading;
using Synthwave.Configuration.Schema;
using Synthwave.Simulation;

namespace Synthwave.UnitTests.Configuration;

/// <summary>Whatever stands where a file should, reading it comes to an end.</summary>
public sealed class PlainFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-plain-");

    [Theory]
    [InlineData("whole", null)]
    [InlineData("empty", null)]
    [InlineData("full", null)]
    [InlineData("link", null)]
    [InlineData("over", "TooLarge")]
    [InlineData("sparse", "TooLarge")]
    [InlineData("missing", "Missing")]
    [InlineData("whole/below", "Missing")]
    [InlineData("dangling", "Missing")]
    [InlineData("loop", "Unreadable")]
    [InlineData("", "Directory")]
    [InlineData("pipe", "NotRegular")]
    [InlineData("socket", "NotRegular")]
    [InlineData("/dev/zero", "NotRegular")]
    [InlineData("/proc/self/status", null)]
    public async Task Only_what_is_a_file_of_sane_size_is_read(string name, string? trouble)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Write("whole", 10);
        Write("empty", 0);
        Write("full", 16 * 1024);
        Write("over", (16 * 1024) + 1);
        Write("sparse", 10L * 1024 * 1024 * 1024);
        File.CreateSymbolicLink(At("link"), "whole");
        File.CreateSymbolicLink(At("dangling"), "nowhere");
        File.CreateSymbolicLink(At("loop"), "loop");
        MakePipe("pipe");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(At("socket")));

        var (content, found) = await Task.Run(() => PlainFile.Read(At(name), 16 * 1024)).WaitAsync(Patience);

        found?.ToString().Should().Be(trouble);
        (content is null).Should().Be(trouble is not null);
        if (trouble is null && name[0] != '/')
        {
            content.Should().HaveCount((int)new FileInfo(File.ResolveLinkTarget(At(name), true)?.FullName ?? At(name)).Length);
        }
    }

    [Fact]
    public async Task A_configuration_that_is_a_pipe_is_a_problem_that_is_told_at_once()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        MakePipe("meta-model.toml");

        var result = await Task.Run(() => ConfigLoader.Load(At("meta-model.toml"), _ => null)).WaitAsync(Patience);
        var models = await Task.Run(() => SimulationFile.Load(At("meta-model.toml"))).WaitAsync(Patience);
        var url = await Task.Run(() => ServedAddress.Find(null, null, At("meta-model.toml"), _ => null)).WaitAsync(Patience);

        result.Errors.Should().ContainSingle().Which.Message.Should().Be("is a pipe or a device, not a file");
        models.Problems.Should().ContainSingle().Which.Message.Should().Be("the file is a pipe or a device");
        url.Should().Be("http://127.0.0.1:8400/healthz");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string At(string name) => name.Length == 0 ? _directory.FullName : Path.Combine(_directory.FullName, name);

    private void Write(string name, long length)
    {
        using var file = File.Create(At(name));
        file.SetLength(length);
    }

    private void MakePipe(string name)
    {
        using var mkfifo = Process.Start("mkfifo", At(name));
        mkfifo.WaitForExit();
    }
}
