using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Hosting;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Reload;

/// <summary>Secrets that are mounted as files, and swapped while the gateway runs.</summary>
public sealed class SecretFileReloadTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-mounts-");
    private SimulatedServer _models = null!;
    private TestGateway _gateway = null!;
    private ConfigWatcher _watcher = null!;

    public async Task InitializeAsync()
    {
        _models = await SimulatedServer.StartAsync(SimulatedModel.Answering("m", _ => SimulatedAnswer.Of("ok")));
        Mount("v1", token: "token-1", key: "key-1");
        File.CreateSymbolicLink(At("token"), "..data/token");
        File.CreateSymbolicLink(At("key"), "..data/key");
        File.WriteAllText(At("meta-model.toml"), $"""
            [server]
            bearer_token_file = "token"
            [upstreams.u]
            model_id = "m"
            base_url = "{_models.BaseUrl}"
            context = 8192
            max_output = 512
            api_key_file = "key"

            """);
        _gateway = await TestGateway.StartFileAsync(At("meta-model.toml"));
        Func<string, string?> environment = _ => null;
        _watcher = ActivatorUtilities.CreateInstance<ConfigWatcher>(_gateway.Services, At("meta-model.toml"), environment);
        Look();
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _models.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Swapped_secrets_count_from_the_next_look_on()
    {
        (await AskAsync("token-1")).Should().Be((200, "Bearer key-1"));

        Mount("v2", token: "token-2", key: "key-2");
        Look();

        (await AskAsync("token-1")).Status.Should().Be(401);
        (await AskAsync("token-2")).Should().Be((200, "Bearer key-2"));
    }

    [Fact]
    public async Task A_secret_that_is_rewritten_in_its_place_counts_too()
    {
        File.WriteAllText(At("..data/key"), "key-3");
        Look();

        (await AskAsync("token-1")).Should().Be((200, "Bearer key-3"));
    }

    [Fact]
    public async Task A_secret_that_goes_away_changes_nothing_until_it_is_back()
    {
        File.Delete(At("..data/token"));
        File.Delete(At("..data/key"));
        Look();
        Look();
        var meanwhile = await AskAsync("token-1");
        await BadDays.BadDay.Until(() => Logged().Any(l => l.Contains("\"token\" is gone", StringComparison.Ordinal)), "the log says so");

        Mount("v2", token: "token-2", key: "key-2");
        Look();

        meanwhile.Should().Be((200, "Bearer key-1"));
        (await AskAsync("token-2")).Should().Be((200, "Bearer key-2"));
    }

    [Fact]
    public async Task A_token_that_becomes_none_never_opens_the_gateway()
    {
        File.WriteAllText(At("..data/token"), "\n");
        Look();

        (await AskAsync(null)).Status.Should().Be(401);
        (await AskAsync("token-1")).Status.Should().Be(200);
        await BadDays.BadDay.Until(() => Logged().Any(l => l.Contains("server.bearer_token_file: names a file that holds nothing", StringComparison.Ordinal)), "the log says why");
        Logged().Should().NotContain(l => l.Contains("key-1", StringComparison.Ordinal) || l.Contains("token-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_a_broken_change_names_is_waited_for()
    {
        File.WriteAllText(At("meta-model.toml"), (await File.ReadAllTextAsync(At("meta-model.toml"))).Replace("\"token\"", "\"late\"", StringComparison.Ordinal));
        Look();
        var before = await AskAsync("token-1");

        File.WriteAllText(At("late"), "token-late");
        Look();

        before.Status.Should().Be(200);
        (await AskAsync("token-late")).Status.Should().Be(200);
    }

    private string At(string name) => Path.Combine(_directory.FullName, name);

    // As container platforms do it: a new directory, and one link swapped.
    private void Mount(string version, string token, string key)
    {
        Directory.CreateDirectory(At(version));
        File.WriteAllText(At($"{version}/token"), token + "\n");
        File.WriteAllText(At($"{version}/key"), key + "\n");
        Directory.CreateSymbolicLink(At("..next"), version);
        File.Delete(At("..data"));
        Directory.Move(At("..next"), At("..data"));
    }

    private void Look()
    {
        _watcher.Look();
        _watcher.Look();
    }

    private async Task<(int Status, string? Authorization)> AskAsync(string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = ChatCall.Content(ChatCall.Body("u")) };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var response = await _gateway.Client.SendAsync(request);
        return ((int)response.StatusCode, response.IsSuccessStatusCode ? _models.ChatCalls[^1].Headers["Authorization"] : null);
    }

    private string[] Logged() => [.. _gateway.Log.Events.Select(e => e.RenderMessage(CultureInfo.InvariantCulture))];
}
