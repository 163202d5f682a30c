using System.Collections.Immutable;
using System.Text;
using Synthwave.Commands.Discovery;

namespace Synthwave.Commands;

/// <summary>
/// <c>synthwave init</c>: looks for local servers and for key variables, asks each endpoint for its models, and writes a commented configuration. An
/// existing file is never touched, and no key is written or printed.
/// </summary>
/// <param name="http">Sends the probes; must not follow redirects, which would carry keys along.</param>
/// <param name="environment">Reads a variable; null or empty = not set.</param>
/// <param name="output">What was found and written.</param>
/// <param name="error">What was not.</param>
/// <param name="time">The clock of the probes' limits.</param>
internal sealed class InitCommand(HttpMessageInvoker http, Func<string, string?> environment, TextWriter output, TextWriter error, TimeProvider time)
{
    /// <summary>Where to look.</summary>
    public ImmutableArray<KnownEndpoint> Endpoints { get; init; } = KnownEndpoint.All;

    /// <summary>Asks which of the endpoints found are wanted; null = all of them are.</summary>
    public EndpointQuestions? Questions { get; init; }

    /// <summary>Exit code: 0 when the file was written, or nothing was wanted; 1 when it exists, cannot be written, or nothing was found.</summary>
    public async Task<int> RunAsync(string path, CancellationToken cancellationToken)
    {
        if (Path.Exists(path))
        {
            return await ExistsAsync(path);
        }

        var results = await ProbeAsync(cancellationToken);
        var found = results.OfType<EndpointFound>().ToImmutableArray();
        var upstreams = StarterConfig.Select(found);
        await ReportAsync(results);
        if (upstreams.IsEmpty)
        {
            await NothingFoundAsync(results);
            return 1;
        }

        if (Questions is { } questions)
        {
            // Only what would give an upstream is worth a question.
            upstreams = StarterConfig.Select(await questions.ChooseAsync([.. found.Where(f => upstreams.Any(u => u.Source == f))], cancellationToken));
            if (upstreams.IsEmpty)
            {
                await output.WriteLineAsync("Nothing was chosen, and nothing was written.");
                return 0;
            }
        }

        if (await WriteAsync(path, StarterConfig.Write(upstreams)) is var exit and not 0)
        {
            return exit;
        }

        await output.WriteLineAsync($"Wrote {path} with {upstreams.Length} {(upstreams.Length == 1 ? "upstream" : "upstreams")}. Start it with: synthwave serve --config {path}");
        return 0;
    }

    private async Task<int> WriteAsync(string path, string text)
    {
        FileStream file;
        try
        {
            // Created only if it is not there, whatever happened since the first look.
            file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }
        catch (IOException) when (Path.Exists(path))
        {
            return await ExistsAsync(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return await UnwritableAsync(path, e);
        }

        try
        {
            await using (file)
            {
                // Not cancelled half-way: the text is short, and half a configuration is worse than none.
                await file.WriteAsync(Encoding.UTF8.GetBytes(text), CancellationToken.None);
            }

            return 0;
        }
        catch (IOException e)
        {
            File.Delete(path);
            return await UnwritableAsync(path, e);
        }
    }

    private async Task<ProbeResult[]> ProbeAsync(CancellationToken cancellationToken)
    {
        var probe = new EndpointProbe(http, time);
        var asked = Endpoints.Select(e => (Endpoint: e, Key: e.KeyVariable is { } variable ? environment(variable)?.Trim() : null))
            .Where(e => e.Endpoint.IsLocal || !string.IsNullOrEmpty(e.Key))
            .DistinctBy(e => e.Endpoint.Name);
        return await Task.WhenAll(asked.Select(e => probe.AskAsync(e.Endpoint, e.Key, cancellationToken)));
    }

    private async Task ReportAsync(ProbeResult[] results)
    {
        foreach (var result in results)
        {
            switch (result)
            {
                case EndpointFound { Models: var models, Endpoint: var endpoint }:
                    await output.WriteLineAsync($"{endpoint.Title} at {endpoint.BaseUrl}: {models.Length} {(models.Length == 1 ? "model" : "models")}, {models.Count(m => m.Chats)} for chat");
                    break;
                case EndpointMissed { Endpoint: var endpoint, Reason: var reason, Answered: var answered } when answered || !endpoint.IsLocal:
                    await error.WriteLineAsync($"{endpoint.Title} at {endpoint.BaseUrl}: {reason}");
                    break;
                default:
                    break;
            }
        }
    }

    private async Task NothingFoundAsync(ProbeResult[] results)
    {
        await error.WriteLineAsync("No model was found. Looked at:");
        foreach (var result in results.Where(r => r.Endpoint.IsLocal))
        {
            await error.WriteLineAsync($"  {result.Endpoint.BaseUrl} ({result.Endpoint.Title}): {(result is EndpointMissed missed ? missed.Reason : "no chat model")}");
        }

        foreach (var endpoint in Endpoints.Where(e => !e.IsLocal && results.All(r => r.Endpoint != e)))
        {
            await error.WriteLineAsync($"  {endpoint.KeyVariable} ({endpoint.Title}): not set");
        }

        await error.WriteLineAsync("Start a local server or set one of these variables and run init again, or try the gateway without any model: synthwave demo");
    }

    private async Task<int> UnwritableAsync(string path, Exception e)
    {
        await error.WriteLineAsync($"{path} cannot be written: {e.Message}");
        return 1;
    }

    private async Task<int> ExistsAsync(string path)
    {
        await error.WriteLineAsync($"{path} exists and was left as it is. Name another file with --output.");
        return 1;
    }
}
