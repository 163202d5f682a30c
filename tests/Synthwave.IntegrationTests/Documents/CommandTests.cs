using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Synthwave.Commands;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Documents;

/// <summary>Every command that a page shows is run, or what can be looked at without its program is: no line is passed over.</summary>
public sealed partial class CommandTests
{
    /// <summary>Programs that are not the product's, with what proves their lines.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["export"] = "settings of clients, which tests/agents uses",
        ["qwen"] = "tests/agents runs it",
        ["pi"] = "tests/agents runs it",
        ["cline"] = "tests/agents runs it",
        ["docker"] = "wants a container engine; tests/smoke runs the image's layout",
        ["kubectl"] = "wants a cluster",
        ["helm"] = "tests/packaging",
        ["tar"] = "tests/packaging looks into the archive",
        ["sudo"] = "installs on the machine",
        ["systemctl"] = "wants a service manager; tests/packaging verifies the unit",
        ["systemd-analyze"] = "tests/packaging",
        ["promtool"] = "tests/packaging",
        ["sha256sum"] = "tests/packaging",
        ["cp"] = "copies a file",
        ["mkdir"] = "makes a folder",
        ["cd"] = "goes into a folder",
    };

    public static TheoryData<string, string> Requests => Commands(static c => c.StartsWith("curl ", StringComparison.Ordinal));

    public static TheoryData<string, string> Others => Commands(static c => !c.StartsWith("curl ", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_is_answered(string page, string command)
    {
        await using var models = await SimulatedServer.StartAsync([SimulatedModel.Saying("sim", "Throw one ball from hand to hand.")], new SimulatedServerOptions { Time = new ManualTimeProvider() });
        await using var gateway = await TestGateway.StartAsync(Toml(models.BaseUrl));
        var mapped = command.Replace("http://127.0.0.1:8400", gateway.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);

        var start = new ProcessStartInfo("bash", ["-c", mapped.Replace("curl ", "curl --noproxy '*' -sS --fail-with-body --max-time 30 ", StringComparison.Ordinal)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.Should().Be(0, "{0}: {1}\n{2}\n{3}", page, mapped, await output, await errors);
        if (command.Contains("/v1/chat/completions", StringComparison.Ordinal))
        {
            (await output).Should().Contain(command.Contains("\"stream\":true", StringComparison.Ordinal) ? "data: [DONE]" : "hand to hand");
        }
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void A_command_is_one_that_is_there(string page, string command)
    {
        // Chained ones each for itself.
        foreach (var single in command.Split(["&&", "|"], StringSplitOptions.TrimEntries))
        {
            Problem(single).Should().BeNull("{0} says: {1}", page, command);
        }
    }

    private static string? Problem(string command)
    {
        var words = Words().Matches(command).Select(static m => m.Value.Trim('\'', '"')).SkipWhile(static w => Assignment().IsMatch(w)).ToList();
        return words switch
        {
            [] => null,
            ["synthwave" or "./synthwave", .. var rest] => Parse(rest),
            ["dotnet", "run", "--project", var project, .. var rest] => Exists(project) ?? (project == "src/Synthwave" ? Parse(rest is ["--", .. var verb] ? verb : rest) : null),
            ["dotnet", "test" or "pack" or "publish" or "build", .. var rest] => rest is [var project, ..] && !project.StartsWith('-') ? Exists(project) : null,
            ["dotnet", "tool", "install", ..] => null,
            [var file, .. var rest] when file.Contains('/', StringComparison.Ordinal) && !file.StartsWith('-') => Exists(file) ?? Options(file, rest),
            [var program, ..] => Elsewhere.ContainsKey(program) ? null : $"nobody runs {program}",
        };
    }

    // Every verb and option, and nothing else.
    private static string? Parse(List<string> words)
    {
        var result = CommandLine.Build().Parse(words);
        return result.Errors.Count == 0 ? null : string.Join(' ', result.Errors.Select(static e => e.Message));
    }

    private static string? Exists(string path)
    {
        var there = Path.Combine(Repository.Root, path);
        return File.Exists(there) || Directory.Exists(there) ? null : $"there is no {path}";
    }

    private static string? Options(string script, List<string> words)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, script)) + string.Concat(Directory.EnumerateFiles(Path.GetDirectoryName(Path.Combine(Repository.Root, script))!).Where(static f => f.EndsWith(".mjs", StringComparison.Ordinal)).Select(File.ReadAllText))
            + string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "load"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        return words.Where(static w => w.StartsWith("--", StringComparison.Ordinal)).FirstOrDefault(w => !text.Contains(w, StringComparison.Ordinal)) is { } unknown ? $"{script} knows no {unknown}" : null;
    }

    private static TheoryData<string, string> Commands(Func<string, bool> which)
    {
        var data = new TheoryData<string, string>();
        var shown = Document.All.SelectMany(static d => d.Blocks).Where(static b => b.Language is "sh").SelectMany(static b => b.Commands.Select(c => (b.Page, Command: c)));
        foreach (var (page, command) in shown.Where(s => which(s.Command)).Distinct())
        {
            data.Add(page, command);
        }

        return data;
    }

    private static string Toml(string baseUrl) => string.Concat(((string[])["sim-quick", "sim-careful", "sim-bold"]).Select(name => string.Create(CultureInfo.InvariantCulture, $"""
        [upstreams.{name}]
        model_id = "sim"
        base_url = "{baseUrl}"
        context = 32768
        max_output = 4096

        """))) + """
        [profiles.ensemble]
        type = "moa"
        generators = ["sim-quick", "sim-bold"]
        synthesizer = "sim-careful"
        aliases = ["best"]
        """;

    [GeneratedRegex("""'[^']*'|"[^"]*"|\S+""")]
    private static partial Regex Words();

    [GeneratedRegex("^[A-Z_]+=")]
    private static partial Regex Assignment();
}
