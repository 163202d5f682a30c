using System.ComponentModel;
using System.Diagnostics;
using Synthwave.TestKit;

namespace Synthwave.ClientTests.Node;

/// <summary>Node.js and the packages under <c>tests/clients</c>. Thread-safe.</summary>
internal static class NodeInstallation
{
    private static readonly TimeSpan LongestInstall = TimeSpan.FromSeconds(120);

    private static readonly Lazy<string?> Finding = new(Prepare);

    /// <summary>The folder of the scripts.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "clients");

    /// <summary>Why nothing can be run; null = it can. The first call installs missing packages, which may take two minutes.</summary>
    public static string? Problem => Finding.Value;

    /// <summary>The test files, by name.</summary>
    public static IReadOnlyList<string> TestFiles => [.. Directory.EnumerateFiles(Folder, "*.test.mjs").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    /// <summary>Runs a program in <see cref="Folder"/> and gives its exit code and everything it printed. A program that takes too long is ended.</summary>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    /// <exception cref="TimeoutException">It took too long; the message holds what it printed.</exception>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan longest, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(longest);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} took longer than {longest.TotalSeconds} s:\n{await output}\n{await errors}");
        }

        return (process.ExitCode, $"{await output}\n{await errors}".Trim());
    }

    private static string? Prepare() => Task.Run(PrepareAsync).GetAwaiter().GetResult();

    private static async Task<string?> PrepareAsync()
    {
        try
        {
            await RunAsync("node", ["--version"], LongestInstall);
        }
        catch (Win32Exception)
        {
            return "Node.js is not installed";
        }

        if (Directory.Exists(Path.Combine(Folder, "node_modules", "openai")))
        {
            return null;
        }

        try
        {
            var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
            var (exitCode, output) = await RunAsync(npm, ["ci", "--no-audit", "--no-fund"], LongestInstall);
            return exitCode == 0 ? null : $"the packages of tests/clients are missing and 'npm ci' failed: {output}";
        }
        catch (Win32Exception)
        {
            return "the packages of tests/clients are missing and npm is not installed";
        }
        catch (TimeoutException e)
        {
            return $"the packages of tests/clients are missing and 'npm ci' did not end: {e.Message}";
        }
    }
}
