using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Synthwave.IntegrationTests.Process;

/// <summary>The product as an operator runs it: a process of its own, in a directory of its own.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly System.Diagnostics.Process _process;
    private readonly HeardText _output;
    private readonly HeardText _error;

    private GatewayProcess(System.Diagnostics.Process process)
    {
        _process = process;
        _output = new HeardText(process.StandardOutput);
        _error = new HeardText(process.StandardError);
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a verb in <paramref name="directory"/>. No proxy and no configuration is taken over from the environment.</summary>
    public static GatewayProcess Start(string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        Start(directory, "dotnet", [Binary(), .. arguments], environment);

    private static GatewayProcess Start(string directory, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var name in start.Environment.Keys.Where(k => k.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase)
            || k.StartsWith("META_MODEL", StringComparison.Ordinal) || k.StartsWith("TK_MOA", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new(System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException("The process did not start."));
    }

    /// <summary>Starts a verb on a terminal of its own, whose whole text is <see cref="ProcessResult.Output"/>. Stopped by <see cref="InterruptAsync"/>.</summary>
    /// <param name="directory">The working directory.</param>
    /// <param name="arguments">Verb and options.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="columns">How wide the terminal is, at 40 lines; null = it does not know.</param>
    public static GatewayProcess StartOnTerminal(string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, int? columns = null)
    {
        var command = string.Join(' ', ((string[])["exec", "dotnet", Binary(), .. arguments]).Select(static a => $"'{a}'")).Replace("'exec'", "exec", StringComparison.Ordinal);
        var sized = columns is { } width ? string.Create(CultureInfo.InvariantCulture, $"stty cols {width} rows 40; {command}") : command;
        return Start(directory, "script", ["-qec", sized, "/dev/null"], environment);
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<ProcessResult> RunAsync(string directory, params string[] arguments)
    {
        await using var process = Start(directory, arguments);
        return await process.WhenExitedAsync();
    }

    /// <summary>Waits until the gateway at <paramref name="port"/> answers.</summary>
    public async Task WhenServingAsync(int port)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz"), patience.Token);
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

    /// <summary>Waits until the process has written <paramref name="text"/> to its error output.</summary>
    public Task WhenSaidAsync(string text) => _error.WhenAsync(text, Patience);

    /// <summary>Waits until the process has written <paramref name="text"/> to its output.</summary>
    public Task WhenPrintedAsync(string text) => _output.WhenAsync(text, Patience);

    /// <summary>Sends a signal by its name, for example <c>TERM</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        kill.ExitCode.Should().Be(0);
    }

    /// <summary>Presses Ctrl+C on the terminal.</summary>
    public async Task InterruptAsync()
    {
        await _process.StandardInput.WriteAsync('\x03');
        await _process.StandardInput.FlushAsync();
    }

    public async Task<ProcessResult> WhenExitedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return new(_process.ExitCode, await _output.All, await _error.All);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    // The product's own output directory stands beside this project's, in the same configuration.
    private static string Binary()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var binary = Path.Combine(own.Parent!.Parent!.FullName, "Synthwave", own.Name, "synthwave.dll");
        return File.Exists(binary) ? binary : throw new InvalidOperationException($"{binary} is missing: build the product first.");
    }
}

internal sealed record ProcessResult(int ExitCode, string Output, string Error);
