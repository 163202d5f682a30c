using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Hosting;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Reload;

/// <summary>
/// A gateway on a configuration file that is rewritten generation by generation. In generation 7 every upstream is called <c>g7</c> by its endpoint, its
/// generators say <c>version:7</c>, and its synthesizer answers <c>7</c> and the generations of the drafts it was given.
/// </summary>
internal sealed class WatchedFile : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-reload-");
    private SimulatedServer _models = null!;

    private WatchedFile()
    {
    }

    public TestGateway Gateway { get; private set; } = null!;

    public string FilePath => Path.Combine(_directory.FullName, "meta-model.toml");

    public RuntimeHost Runtime => Gateway.Services.GetRequiredService<RuntimeHost>();

    /// <summary>A watcher that looks when the test says so. It has read generation 0.</summary>
    public ConfigWatcher Watcher { get; private set; } = null!;

    public static async Task<WatchedFile> StartAsync(int generations)
    {
        var file = new WatchedFile();
        file._models = await SimulatedServer.StartAsync(Enumerable.Range(0, generations).Select(Model));
        file.Write(file.Toml(0));
        file.Gateway = await TestGateway.StartAsync(file.Toml(0));
        Func<string, string?> environment = _ => null;
        file.Watcher = ActivatorUtilities.CreateInstance<ConfigWatcher>(file.Gateway.Services, file.FilePath, environment);
        file.Look();
        return file;
    }

    public string Toml(int generation)
    {
        var toml = new StringBuilder();
        foreach (var name in (ReadOnlySpan<string>)["a", "b", "s"])
        {
            toml.Append(CultureInfo.InvariantCulture, $"""
                [upstreams.{name}]
                model_id = "g{generation}"
                base_url = "{_models.BaseUrl}"
                context = 32768
                max_output = 4096

                """);
        }

        return toml.Append(
            """
            [profiles.moa]
            type = "moa"
            generators = ["a", "b"]
            synthesizer = "s"
            [profiles.cascade]
            type = "cascade"
            upstreams = ["a", "b"]

            """).ToString();
    }

    /// <summary>Over the old text, in the same file.</summary>
    public void Write(string text) => File.WriteAllText(FilePath, text);

    /// <summary>A new file put in the old one's place.</summary>
    public void Replace(string text)
    {
        var next = FilePath + ".next";
        File.WriteAllText(next, text);
        File.Move(next, FilePath, overwrite: true);
    }

    /// <summary>Two looks: one to notice, one to read.</summary>
    public void Look()
    {
        Watcher.Look();
        Watcher.Look();
    }

    /// <summary>Status and text of one request.</summary>
    public async Task<(int Status, string Text)> AskAsync(string model, bool stream = false)
    {
        using var response = await Gateway.Client.PostChatAsync(Gateway.Address + "v1", ChatCall.Body(model, stream: stream));
        var view = await BadDays.ClientView.ReadAsync(response);
        return (view.Status, view.Error is null && view.Stream is null or { Done: true } ? view.Content! : $"error: {view.Error}");
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _models.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static SimulatedModel Model(int generation) => SimulatedModel.Answering($"g{generation}", request =>
    {
        var drafts = request.AllText.Split("version:").Skip(1).Select(t => t.Split('\n', ' ')[0]).ToArray();
        return SimulatedAnswer.Of(drafts.Length == 0 ? $"version:{generation} in call {request.Call}" : $"{generation} from {string.Join(" and ", drafts)}");
    }) with { FirstTokenDelay = TimeSpan.FromMilliseconds(10) };
}
