using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;
using Synthwave.Telemetry.Metrics;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Reload;

public sealed class ReloadTests
{
    private const int Generations = 21;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_rewritten_twenty_times_under_load_fails_no_request_and_mixes_no_generations(bool replaced)
    {
        await using var file = await WatchedFile.StartAsync(Generations);
        var answers = new ConcurrentBag<(int Status, string Text)>();
        using var stop = new CancellationTokenSource();
        var answered = 0;
        var load = Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                answers.Add(await file.AskAsync(worker == 0 ? "cascade" : "moa", stream: worker % 2 == 1));
                Interlocked.Increment(ref answered);
            }
        })).ToArray();

        for (var generation = 1; generation < Generations; generation++)
        {
            var seen = Volatile.Read(ref answered);
            if (replaced)
            {
                file.Replace(file.Toml(generation));
            }
            else
            {
                file.Write(file.Toml(generation));
            }

            file.Look();
            file.Runtime.Current.Config.Upstreams[0].ModelId.Should().Be($"g{generation}");
            await BadDays.BadDay.Until(() => Volatile.Read(ref answered) >= seen + 6, "requests go on");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);

        answers.Should().OnlyContain(a => a.Status == 200);
        var mixed = answers.Where(a => a.Text.Contains("from", StringComparison.Ordinal))
            .Select(a => a.Text.Split([" from ", " and "], StringSplitOptions.None))
            .Where(parts => parts.Length != 3 || parts.Distinct().Count() != 1);
        mixed.Should().BeEmpty("a request keeps the configuration it began with");
        answers.Select(a => a.Text).Where(t => t.Contains("from", StringComparison.Ordinal)).Distinct().Should().HaveCountGreaterThan(Generations / 2);
        Metric(file, "synthwave_config_reloads_total{result=\"success\"}").Should().Be(Generations);
        Metric(file, "synthwave_config_reloads_total{result=\"failure\"}").Should().Be(0);
    }

    [Fact]
    public async Task A_broken_file_changes_nothing_and_says_what_is_wrong()
    {
        await using var file = await WatchedFile.StartAsync(2);

        file.Write(file.Toml(1) + "[profiles.more]\ntype = \"cascde\"\n");
        file.Look();

        Cascade(await file.AskAsync("cascade")).Should().Be((200, "version:0"));
        Metric(file, "synthwave_config_valid").Should().Be(0);
        await BadDays.BadDay.Until(() => Logged(file).Any(l => l.Contains("the running configuration stays", StringComparison.Ordinal)), "the log says so");
        Logged(file).Should().Contain(l => l.Contains("meta-model.toml:24:", StringComparison.Ordinal) && l.Contains("cascade", StringComparison.Ordinal), "the line and a suggestion are named");

        file.Write(file.Toml(1));
        file.Look();

        Cascade(await file.AskAsync("cascade")).Should().Be((200, "version:1"));
        Metric(file, "synthwave_config_valid").Should().Be(1);
    }

    [Fact]
    public async Task A_deleted_file_changes_nothing_until_it_is_back()
    {
        await using var file = await WatchedFile.StartAsync(2);

        File.Delete(file.FilePath);
        file.Look();

        (await file.AskAsync("moa")).Should().Be((200, "0 from 0 and 0"));
        await BadDays.BadDay.Until(() => Logged(file).Any(l => l.Contains("is gone", StringComparison.Ordinal)), "the log says so");

        file.Write(file.Toml(1));
        file.Look();

        (await file.AskAsync("moa")).Should().Be((200, "1 from 1 and 1"));
    }

    [Theory]
    [InlineData("pipe", "is a pipe or a device")]
    [InlineData("/dev/zero", "is a pipe or a device")]
    [InlineData("large", "is larger than 4 MiB")]
    [InlineData("directory", "is a directory")]
    public async Task Whatever_takes_the_files_place_changes_nothing_and_reloading_goes_on(string what, string problem)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var file = await WatchedFile.StartAsync(2);

        await PutAsync(file.FilePath, what);
        await Task.Run(file.Look).WaitAsync(BadDays.BadDay.Patience);
        await Task.Run(file.Look).WaitAsync(BadDays.BadDay.Patience);
        var meanwhile = await file.AskAsync("moa");
        if (what is not "directory")
        {
            await BadDays.BadDay.Until(() => Logged(file).Any(l => l.Contains(problem, StringComparison.Ordinal)), "the log says so");
            Logged(file).Where(l => l.Contains(problem, StringComparison.Ordinal)).Should().ContainSingle("once is enough");
        }

        Remove(file.FilePath);
        file.Write(file.Toml(1));
        file.Look();

        meanwhile.Should().Be((200, "0 from 0 and 0"));
        (await file.AskAsync("moa")).Should().Be((200, "1 from 1 and 1"));
    }

    [Fact]
    public async Task A_secret_whose_file_becomes_a_pipe_stops_no_reload()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var file = await WatchedFile.StartAsync(3);
        var key = file.FilePath + ".key";
        await File.WriteAllTextAsync(key, "key-1");
        file.Write(WithKey(file.Toml(1), key));
        file.Look();

        await PutAsync(key, "pipe");
        await Task.Run(file.Look).WaitAsync(BadDays.BadDay.Patience);
        Remove(key);
        await File.WriteAllTextAsync(key, "key-2");
        file.Write(WithKey(file.Toml(2), key));
        file.Look();

        (await file.AskAsync("moa")).Should().Be((200, "2 from 2 and 2"));
    }

    [Fact]
    public async Task A_reload_that_was_asked_for_before_the_first_look_is_made()
    {
        await using var file = await WatchedFile.StartAsync(2);
        var written = File.GetLastWriteTimeUtc(file.FilePath);
        file.Write(file.Toml(1));
        File.SetLastWriteTimeUtc(file.FilePath, written - TimeSpan.FromHours(1));
        file.Look();
        file.Write(file.Toml(0));
        File.SetLastWriteTimeUtc(file.FilePath, written - TimeSpan.FromHours(1));

        // Neither time nor size tells that it changed again.
        file.Look();
        var before = await file.AskAsync("moa");
        file.Gateway.Services.GetRequiredService<ReloadRequest>().Ask();
        file.Look();

        before.Should().Be((200, "1 from 1 and 1"));
        (await file.AskAsync("moa")).Should().Be((200, "0 from 0 and 0"));
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_is_not_read()
    {
        await using var file = await WatchedFile.StartAsync(2);
        var text = file.Toml(1);

        // The first half alone would be a valid configuration without profiles.
        file.Write(text[..text.IndexOf("[profiles", StringComparison.Ordinal)]);
        var whileWriting = file.Watcher.Look();
        var meanwhile = await file.AskAsync("moa");
        file.Write(text);
        file.Look();

        whileWriting.Should().BeFalse("the change is not settled");
        meanwhile.Should().Be((200, "0 from 0 and 0"));
        (await file.AskAsync("moa")).Should().Be((200, "1 from 1 and 1"));
        Metric(file, "synthwave_config_reloads_total{result=\"success\"}").Should().Be(2);
    }

    [Fact]
    public async Task A_change_that_leaves_time_and_size_alike_is_seen()
    {
        await using var file = await WatchedFile.StartAsync(3);
        file.Write(file.Toml(1));
        file.Look();
        var written = File.GetLastWriteTimeUtc(file.FilePath);

        file.Write(file.Toml(2));
        File.SetLastWriteTimeUtc(file.FilePath, written);
        file.Look();

        Cascade(await file.AskAsync("cascade")).Should().Be((200, "version:2"));
    }

    [Fact]
    public async Task A_stream_that_began_before_a_reload_ends_on_the_configuration_it_began_with()
    {
        await using var model = new BadDays.GatedModel();
        await using var file = await WatchedFile.StartAsync(2);
        file.Write(file.Toml(0) + $"[upstreams.gated]\nmodel_id = \"m\"\nbase_url = \"{model.BaseUrl}\"\ncontext = 32768\nmax_output = 4096\n");
        file.Look();
        model.Begin();
        var asking = file.AskAsync("gated", stream: true);
        await model.Asked;

        file.Write(file.Toml(1));
        file.Look();
        model.Finish();

        (await asking).Should().Be((200, "first last"));
        (await file.AskAsync("gated")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_running_gateway_notices_by_itself()
    {
        await using var file = await WatchedFile.StartAsync(2);
        var time = new FakeTimeProvider(LongAfterTheFile);
        await using var gateway = await TestGateway.StartFileAsync(file.FilePath, time: time);
        var runtime = gateway.Services.GetRequiredService<RuntimeHost>();

        file.Replace(file.Toml(1));

        await BadDays.BadDay.Until(() => IsReadAfterASecond(time, runtime, "g1"), "the file is looked at every second");
    }

    [Fact]
    public async Task A_change_between_the_first_load_and_the_first_look_is_seen()
    {
        await using var file = await WatchedFile.StartAsync(2);
        var loaded = ConfigLoader.Load(file.FilePath, _ => null);
        var written = File.GetLastWriteTimeUtc(file.FilePath);
        file.Write(file.Toml(1));
        File.SetLastWriteTimeUtc(file.FilePath, written);
        var time = new FakeTimeProvider(LongAfterTheFile);

        await using var gateway = await TestGateway.StartAsync(loaded, time: time);

        var runtime = gateway.Services.GetRequiredService<RuntimeHost>();
        runtime.Current.Config.Upstreams[0].ModelId.Should().Be("g0");
        await BadDays.BadDay.Until(() => IsReadAfterASecond(time, runtime, "g1"), "what runs is not what the file says");
    }

    [Fact]
    public async Task A_file_that_was_loaded_at_the_start_is_not_loaded_again()
    {
        await using var file = await WatchedFile.StartAsync(1);
        var runtime = file.Runtime;
        runtime.Swap(ConfigLoader.Load(file.FilePath, _ => null).Config!);
        var running = runtime.Current;
        Func<string, string?> environment = _ => null;
        var watcher = ActivatorUtilities.CreateInstance<ConfigWatcher>(file.Gateway.Services, file.FilePath, environment);

        watcher.Look();
        watcher.Look();

        runtime.Current.Should().BeSameAs(running);
    }

    [Fact]
    public async Task A_profile_that_leaves_the_file_takes_its_series_along()
    {
        await using var file = await WatchedFile.StartAsync(2);
        (await file.AskAsync("moa")).Status.Should().Be(200);
        (await file.AskAsync("cascade")).Status.Should().Be(200);
        await BadDays.BadDay.Until(() => Metric(file, Sample("moa")) == 1 && Metric(file, Sample("cascade")) == 1, "both are counted");

        file.Write(file.Toml(1)[..file.Toml(1).IndexOf("[profiles.cascade]", StringComparison.Ordinal)]);
        file.Look();

        (Metric(file, Sample("moa")), Metric(file, Sample("cascade"))).Should().Be((1, 0));

        static string Sample(string profile) => $"synthwave_requests_total{{profile=\"{profile}\",strategy=\"{profile}\",outcome=\"success\"}}";
    }

    private static async Task PutAsync(string path, string what)
    {
        File.Delete(path);
        switch (what)
        {
            case "pipe":
                using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", path))
                {
                    await mkfifo.WaitForExitAsync();
                }

                break;
            case "large":
                await using (var large = File.Create(path))
                {
                    large.SetLength(10L * 1024 * 1024 * 1024);
                }

                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            default:
                File.CreateSymbolicLink(path, what);
                break;
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }
        else
        {
            File.Delete(path);
        }
    }

    private static string WithKey(string toml, string key) => toml.Replace("[upstreams.b]", $"api_key_file = \"{key}\"\n[upstreams.b]", StringComparison.Ordinal);

    private static DateTimeOffset LongAfterTheFile => new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // On a clock of its own: a busy machine may be late, but not miss a look.
    private static bool IsReadAfterASecond(FakeTimeProvider time, RuntimeHost runtime, string modelId)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        return runtime.Current.Config.Upstreams[0].ModelId == modelId;
    }

    private static string[] Logged(WatchedFile file) => [.. file.Gateway.Log.Events.Select(e => e.RenderMessage(CultureInfo.InvariantCulture))];

    private static double Metric(WatchedFile file, string sample)
    {
        var text = file.Gateway.Services.GetRequiredService<GatewayMetrics>().ToPrometheusText();
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(sample + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.AsSpan(sample.Length + 1), CultureInfo.InvariantCulture);
    }

    // A model numbers its calls, so that no two drafts are alike; which number does not matter here.
    private static (int Status, string Text) Cascade((int Status, string Text) answer) => (answer.Status, answer.Text.Split(' ')[0]);
}
