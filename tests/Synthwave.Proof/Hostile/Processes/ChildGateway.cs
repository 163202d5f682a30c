using System.Diagnostics;
using System.Globalization;
using System.Text;
using Synthwave.TestKit;

namespace Synthwave.Proof.Hostile.Processes;

/// <summary>The product in a process of its own, on a free port, in a directory of its own with one configuration file. Disposing kills it where it still runs. Linux and its like.</summary>
internal sealed class ChildGateway : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _directory;
    private readonly StringBuilder _said = new();

    private ChildGateway(Process process, DirectoryInfo directory, Uri address)
    {
        _process = process;
        _directory = directory;
        Address = address;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Valid once it has exited.</summary>
    public int ExitCode => _process.ExitCode;

    public string ConfigPath => Path.Combine(_directory.FullName, "meta-model.toml");

    /// <summary>What it said of failures of its own: lines with an exception in them.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_said)
            {
                return [.. _said.ToString().Split('\n').Where(static l => l.Contains("Unhandled exception", StringComparison.Ordinal) || l.Contains("OutOfMemory", StringComparison.Ordinal))];
            }
        }
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<ChildGateway> StartAsync(string toml, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("synthwave-proof-");
        var port = Ports.Free();
        var path = Path.Combine(directory.FullName, "meta-model.toml");
        await File.WriteAllTextAsync(path, toml, cancellationToken);
        var start = new ProcessStartInfo("dotnet", [Binary(), "serve", "--config", path, "--port", port.ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var gateway = new ChildGateway(Process.Start(start) ?? throw new InvalidOperationException("The process did not start."), directory, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")));
        try
        {
            await gateway.WhenServingAsync(cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends SIGTERM.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>How long it still ran; null = longer than <paramref name="most"/>.</summary>
    public async Task<TimeSpan?> WhenExitedAsync(TimeSpan most)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        using var patience = new CancellationTokenSource(most);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            return TimeProvider.System.GetElapsedTime(startedAt);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task WhenServingAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(Address, "healthz"), patience.Token);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!HasExited)
            {
                await Task.Delay(25, patience.Token);
            }
        }
    }

    private void Hear(string? line)
    {
        // A line a request says nothing here and would be kept for hours.
        if (line is not null && line.Contains("xception", StringComparison.Ordinal))
        {
            lock (_said)
            {
                _said.Append(line).Append('\n');
            }
        }
    }

    // The product's own output directory stands beside this project's, in the same configuration.
    private static string Binary()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var binary = Path.Combine(own.Parent!.Parent!.FullName, "Synthwave", own.Name, "synthwave.dll");
        return File.Exists(binary) ? binary : throw new InvalidOperationException($"{binary} is missing: build the product first.");
    }
}
