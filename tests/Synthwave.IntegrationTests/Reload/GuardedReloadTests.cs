using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Reload;

/// <summary>Files that are valid and yet not what their operator means: half of them, nothing of them, or without the token.</summary>
public sealed class GuardedReloadTests : IAsyncLifetime
{
    private const string Upstreams = """

        [upstreams.u]
        model_id = "m"
        base_url = "http://127.0.0.1:9/v1"
        context = 8192
        max_output = 512

        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-guard-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TestGateway _gateway = null!;
    private ConfigWatcher _watcher = null!;

    private string FilePath => Path.Combine(_directory.FullName, "meta-model.toml");

    public Task InitializeAsync() => StartAsync("[server]\nbearer_token = \"sesame\"\nmodel_name = \"first\"\n" + Upstreams);

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("[server]\nmodel_name = \"second\"\n")]
    [InlineData("")]
    public async Task A_token_that_is_written_no_more_is_still_asked_for(string head)
    {
        Write(head + Upstreams);
        LookTwice();
        Wait(ReloadRules.LongSettling);

        (await AskAsync(null)).Should().Be(401);
        (await AskAsync("sesame")).Should().Be(200);
        Brand().Should().Be("first");
        await ShouldLogAsync("names no token any more");
        await ShouldLogAsync("if that is meant");
    }

    [Fact]
    public async Task A_token_that_is_written_empty_is_asked_for_no_more_and_the_log_is_loud_about_it()
    {
        Write("[server]\nbearer_token = \"\"\nmodel_name = \"second\"\n" + Upstreams);
        LookTwice();

        (await AskAsync(null)).Should().Be(200);
        await ShouldLogAsync("no token is asked for any more");
        await ShouldLogAsync("is empty, so no token is wanted");
    }

    [Fact]
    public async Task Another_token_counts_at_once()
    {
        Write("[server]\nbearer_token = \"mellon\"\nmodel_name = \"second\"\n" + Upstreams);
        LookTwice();

        (await AskAsync("sesame")).Should().Be(401);
        (await AskAsync("mellon")).Should().Be(200);
    }

    [Theory]
    [InlineData("bearer_token_env = \"NOT_THERE\"")]
    [InlineData("bearer_token_env = \"\"")]
    [InlineData("bearer_token_file = \"not-there\"")]
    [InlineData("bearer_token = \"g\\u00e9heim\"")]
    public async Task A_token_that_is_named_and_not_there_leaves_the_old_one(string line)
    {
        Write($"[server]\n{line}\nmodel_name = \"second\"\n" + Upstreams);
        LookTwice();

        (await AskAsync(null)).Should().Be(401);
        (await AskAsync("sesame")).Should().Be(200);
        await ShouldLogAsync("the running configuration stays");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# soon\n")]
    public async Task An_empty_file_is_not_taken_however_long_it_stays(string content)
    {
        await RestartAsync("[server]\nmodel_name = \"first\"\n" + Upstreams);

        Write(content);
        LookTwice();
        Wait(ReloadRules.LongSettling);
        Wait(ReloadRules.LongSettling);

        Brand().Should().Be("first");
        await ShouldLogAsync("holds no table any more");
    }

    [Theory]
    [InlineData(true, "lost its [server] table")]
    [InlineData(false, "less than half as long")]
    public async Task A_file_that_looks_half_written_is_taken_only_when_it_stays_so(bool losesServer, string doubt)
    {
        await RestartAsync("[server]\nmodel_name = \"first\"\n" + Upstreams + Upstreams.Replace("u]", "v]", StringComparison.Ordinal));

        Write(losesServer ? Upstreams + "# " + new string('x', 500) : "[server]\nport = 9000\n");
        LookTwice();
        Wait(ReloadRules.LongSettling - TimeSpan.FromSeconds(1));

        Brand().Should().Be("first");
        await ShouldLogAsync(doubt);
        Wait(TimeSpan.FromSeconds(1));
        Brand().Should().BeNull();
        Logged().Count(l => l.Contains(doubt, StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task A_file_that_looks_half_written_a_second_time_is_doubted_anew()
    {
        const string Whole = "[server]\nmodel_name = \"first\"\n" + Upstreams;
        await RestartAsync(Whole);
        Write("[server]\n");
        LookTwice();
        Write(Whole);
        LookTwice();
        Wait(ReloadRules.LongSettling);

        Write("[server]\n");
        LookTwice();

        Brand().Should().Be("first");
        Wait(ReloadRules.LongSettling);
        Brand().Should().BeNull();
    }

    [Fact]
    public async Task A_file_that_is_completed_in_time_is_taken_whole()
    {
        await RestartAsync("[server]\nmodel_name = \"first\"\n" + Upstreams);
        Write("[server]\n");
        LookTwice();
        Wait(ReloadRules.LongSettling - TimeSpan.FromSeconds(1));

        Write("[server]\nmodel_name = \"second\"\n" + Upstreams);
        LookTwice();

        Brand().Should().Be("second");
        Runtime.Current.Config.Upstreams.Should().ContainSingle();
    }

    [Fact]
    public void What_is_read_must_be_the_same_twice()
    {
        Write("[server]\nbearer_token = \"sesame\"\nmodel_name = \"secnd\"\n" + Upstreams);
        _watcher.Look();
        var written = File.GetLastWriteTimeUtc(FilePath);

        // Of the same length and time: only its content tells that it is still being written.
        Write("[server]\nbearer_token = \"sesame\"\nmodel_name = \"third\"\n" + Upstreams);
        File.SetLastWriteTimeUtc(FilePath, written);
        var isSettled = _watcher.Look();
        var between = Brand();
        _watcher.Look();

        (isSettled, between, Brand()).Should().Be((false, "first", "third"));
    }

    private RuntimeHost Runtime => _gateway.Services.GetRequiredService<RuntimeHost>();

    private string? Brand() => Runtime.Current.Config.Server.ModelName;

    private async Task StartAsync(string text)
    {
        Write(text);
        var loaded = ConfigLoader.Load(FilePath, static _ => null);

        // Without its path the gateway watches nothing by itself: the test looks for it.
        _gateway = await TestGateway.StartAsync(loaded with { Config = loaded.Config! with { SourcePath = null } }, time: _time);
        Func<string, string?> environment = static _ => null;
        _watcher = ActivatorUtilities.CreateInstance<ConfigWatcher>(_gateway.Services, FilePath, environment);
        LookTwice();
    }

    private async Task RestartAsync(string text)
    {
        await _gateway.DisposeAsync();
        await StartAsync(text);
    }

    private void Write(string text) => File.WriteAllText(FilePath, text);

    private void LookTwice()
    {
        _watcher.Look();
        _watcher.Look();
    }

    private void Wait(TimeSpan time)
    {
        _time.Advance(time);
        LookTwice();
    }

    private async Task<int> AskAsync(string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await _gateway.Client.SendAsync(request);
        return (int)response.StatusCode;
    }

    // The log is written on the gateway's clock.
    private Task ShouldLogAsync(string words) => BadDays.BadDay.Until(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return Logged().Any(l => l.Contains(words, StringComparison.Ordinal));
        },
        $"the log says: {words}");

    private string[] Logged() => [.. _gateway.Log.Events.Select(e => e.RenderMessage(CultureInfo.InvariantCulture))];
}
