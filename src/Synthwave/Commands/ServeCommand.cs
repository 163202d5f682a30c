using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Synthwave.Commands.Live;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;

namespace Synthwave.Commands;

/// <summary><c>synthwave serve</c>: loads the configuration once for everything, listens, and runs until a signal.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(ServeArguments arguments, TextWriter error, Func<string, string?> environment)
    {
        // Heard from the beginning and to the end: unheard, a SIGHUP ends the process.
        var reload = new ReloadRequest();
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            reload.Ask();
        });
        if (arguments.Urls is not null && (arguments.Host is not null || arguments.Port is not null))
        {
            await error.WriteLineAsync("synthwave: --urls cannot be combined with --host or --port.");
            return ExitCodes.Failed;
        }

        var (listen, urlProblem) = arguments.Urls is { } said ? ListenUrls.Read(said) : default;
        if (urlProblem is not null)
        {
            await error.WriteLineAsync($"synthwave: {urlProblem}");
            return ExitCodes.Failed;
        }

        var location = ConfigLocator.Locate(arguments.Config, environment, Directory.GetCurrentDirectory());
        if (location.Path is not { } path)
        {
            await error.WriteLineAsync($"synthwave: {location.Problem}");
            return ExitCodes.Config;
        }

        var result = ConfigLoader.Load(path, environment);
        ImmutableArray<ConfigProblem> warnings = [.. result.Warnings, .. result.Config is { } loaded ? ServiceChecks.Of(loaded) : []];
        foreach (var problem in result.Errors.Concat(warnings))
        {
            await error.WriteLineAsync(problem.ToString());
        }

        if (result.Config is not { } config || (arguments.Strict && !warnings.IsEmpty))
        {
            return ExitCodes.Config;
        }

        var settings = new ListenSettings(arguments.Host, arguments.Port) { Urls = listen.IsDefault ? [] : listen };
        config = settings.Over(config);
        var addresses = settings.AddressesOf(config.Server);
        if (OpenListen.Refusal(config, addresses, environment) is { } refusal)
        {
            await error.WriteLineAsync($"synthwave: {refusal}");
            return ExitCodes.Config;
        }

        if (OpenListen.Notice(config, addresses, environment) is { } notice)
        {
            await error.WriteLineAsync($"synthwave: {notice}");
        }

        if (config.History.Content)
        {
            await error.WriteLineAsync("synthwave: warning: prompts and answers are kept in memory and shown by /admin, because [history] content = true. Whoever may read /admin reads them.");
        }

        var options = new GatewayOptions { Config = config, Urls = addresses, Listen = settings, Environment = environment, Reload = reload };
        if (!arguments.Watch)
        {
            return await RunAsync(options, error);
        }

        if (!Terminal.CanDraw(environment))
        {
            await error.WriteLineAsync("synthwave: --watch: there is no terminal to draw on, so requests appear as log lines.");
            return await RunAsync(options, error);
        }

        var console = Terminal.Open(isDrawn: true);
        return await RunAsync(options with { Log = new AboveViewLog(console, options.Time) }, error, watch: app => GatewayWatch.RunAsync(app, console, error));
    }

    /// <summary>
    /// Runs a gateway until a stop signal; a second one ends the process at once. SIGINT does not drain: it comes from somebody who watches this process, the others
    /// from what manages many.
    /// </summary>
    public static async Task<int> RunAsync(GatewayOptions options, TextWriter error, Func<WebApplication, Task>? whenStarted = null, Func<WebApplication, Task>? watch = null)
    {
        // Heard from the beginning: one that comes while the host starts is followed once it has.
        using var signal = new StopSignal();
        WebApplication started;
        try
        {
            started = await StartAsync(options);
        }
        catch (Exception e) when (ListenFailure.Is(e))
        {
            await error.WriteLineAsync(ListenFailure.Explain(e, options.Urls));
            return ExitCodes.Failed;
        }

        await using var app = started;
        var drain = app.Services.GetRequiredService<Drain>();
        using var stopping = signal.Token.Register(() =>
        {
            if (signal.IsInterrupt)
            {
                app.Lifetime.StopApplication();
            }
            else
            {
                drain.Begin();
            }
        });
        if (whenStarted is not null)
        {
            await whenStarted(app);
        }

        var watching = watch?.Invoke(app) ?? Task.CompletedTask;
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopped = app.Lifetime.ApplicationStopping.UnsafeRegister(static state => ((TaskCompletionSource)state!).SetResult(), stop);
        await stop.Task;
        await watching;
        await GatewayApp.StopAsync(app);
        return ExitCodes.Ok;
    }

    private static async Task<WebApplication> StartAsync(GatewayOptions options)
    {
        var app = GatewayApp.Build(options);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            // What has begun already is told to end, or it would take the end of everything for a fault of its own.
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
            throw;
        }
    }
}

/// <summary>What was said on the command line; null = not said.</summary>
internal sealed record ServeArguments(string? Config, string? Host, int? Port, string? Urls, bool Strict, bool Watch = false);
