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
    /// <summary>How long a view may take for its last picture before the stop goes on without it.</summary>
    private static readonly TimeSpan LastPicture = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(ServeArguments arguments, TextWriter error, Func<string, string?> environment)
    {
        // Heard from the beginning and to the end: unheard, a SIGHUP ends the process.
        var reload = new ReloadRequest();
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            reload.Ask();
        });
        var (settings, listenProblem) = arguments.Listen.Read();
        if (settings is null)
        {
            await error.WriteLineAsync($"synthwave: {listenProblem}");
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

        config = settings.Over(config);
        var addresses = settings.AddressesOf(config.Server);
        if (OpenListen.Refusal(config, addresses, environment) is { } refusal)
        {
            await error.WriteLineAsync($"synthwave: {refusal}");
            return ExitCodes.Config;
        }

        foreach (var notice in StartNotices.Of(config, addresses, environment))
        {
            await error.WriteLineAsync($"synthwave: {notice}");
        }

        var options = new GatewayOptions { Config = config, Urls = addresses, Listen = settings, Environment = environment, Reload = reload };
        if (!arguments.Watch)
        {
            return await RunAsync(options, error);
        }

        if (Terminal.Obstacle(environment) is { } obstacle)
        {
            await error.WriteLineAsync($"synthwave: --watch: {obstacle}, so requests appear as log lines.");
            return await RunAsync(options, error);
        }

        var console = Terminal.Drawn(environment);
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

        // On a thread of its own: a terminal that takes nothing, as after Ctrl+S, holds up whoever writes to it.
        var watching = watch is null ? Task.CompletedTask : Task.Run(() => watch(app), CancellationToken.None);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopped = app.Lifetime.ApplicationStopping.UnsafeRegister(static state => ((TaskCompletionSource)state!).SetResult(), stop);
        await stop.Task;
        await Task.WhenAny(watching, Task.Delay(LastPicture, options.Time));
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
internal sealed record ServeArguments(string? Config, ListenArguments Listen, bool Strict, bool Watch = false);
