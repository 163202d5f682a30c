using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Synthwave.Api.Admission;
using Synthwave.Api.Dialects;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Api.Endpoints;
using Synthwave.Api.Endpoints.Admin;
using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Routing;
using Synthwave.Telemetry;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Metrics;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Hosting;

/// <summary>Puts the gateway together: services, middleware, endpoints. What listens where, and logging, is decided by <see cref="GatewayOptions"/>.</summary>
internal static class GatewayApp
{
    public static WebApplication Build(GatewayOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "synthwave", ContentRootPath = AppContext.BaseDirectory });
        var logging = options.Log is { } output
            ? LoggingSetup.Create(output, options.Config.Server.LogLevel, options.Time)
            : LoggingSetup.Create(options.Config.Server, options.Time, options.Environment);
        logging.AddTo(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));

        // Continuations run on the thread that received the data, which saves a hop through the thread pool per read and write. Nothing here may block a thread.
        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddRoutingCore();
        builder.Services.AddGateway(options);
        new OpenTelemetryExport(options.Environment).AddTo(builder.Services, builder.Configuration);

        // The configured grace is the limit, and may change: StopAsync keeps it.
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);

        var app = builder.Build();

        // Asked for first, so that it is disposed last and writes what the others say at the end.
        _ = app.Services.GetRequiredService<LoggingSetup>();
        var host = app.Services.GetRequiredService<RuntimeHost>();
        app.Services.GetRequiredService<GatewayMetrics>().Observe(
            () => app.Services.GetRequiredService<IHealthStates>().Current
                .Where(u => u.State != HealthState.Unknown).Select(u => KeyValuePair.Create(u.Upstream, u.State == HealthState.Up)),
            () => host.Current.Upstreams.All.Select(u => KeyValuePair.Create(u.Config.Name, u.Resting is RestReason.CircuitOpen)),
            () => host.Current.Upstreams.All.Select(u => KeyValuePair.Create(u.Config.Name, u.Resting is RestReason.RateLimited)));
        var memory = app.Services.GetRequiredService<MemoryBudget>();
        app.Services.GetRequiredService<GatewayMetrics>().ObserveMemory(() => (memory.Used, memory.Limit));
        app.UseGateway(() => host.Current.Config.Server, options.Environment);
        var chat = app.Services.GetRequiredService<ChatEndpoint>();
        chat.Map(app, "/v1/chat/completions", new ChatDialect());
        var responses = app.Services.GetRequiredService<ResponseStore>();
        var responsesDialect = new ResponsesDialect(responses, options.Time);
        chat.Map(app, "/v1/responses", responsesDialect);
        app.MapStoredResponses(responses);
        chat.Map(app, "/v1/messages", new MessagesDialect());
        var post = app.Services.GetRequiredService<PostEndpoint>();
        new CountTokensEndpoint(post).Map(app, responsesDialect);
        new CompletionsEndpoint(post, chat, options.Time).Map(app);
        new EmbeddingsEndpoint(post, options.Time).Map(app);
        new TokenizeEndpoint(post, options.Time).Map(app);
        app.MapModels(() => host.Current.Names, options.Time.GetUtcNow());
        var shutdown = app.Services.GetRequiredService<ShutdownSignal>();
        app.MapHealth(
            () => host.Current.Config,
            () => app.Services.GetRequiredService<IHealthStates>(),
            () => host.Current.Upstreams.All.Select(u => KeyValuePair.Create(u.Config.Name, u.State.Rest.Remaining)).Where(static r => r.Value > TimeSpan.Zero),
            () => shutdown.HasBegun);
        app.MapMetrics(app.Services.GetRequiredService<GatewayMetrics>());
        app.Services.GetRequiredService<AdminEndpoints>().Map(app, () => app.Urls);
        app.MapOpenApi();
        app.MapDocs();
        new HomeEndpoint(
            () => host.Current.Config, () => host.Current.Names, () => app.Services.GetRequiredService<IHealthStates>().Current, () => shutdown.HasBegun, new TokenInForce(options.Environment)).Map(app);
        return app;
    }

    /// <summary>
    /// Stops what <see cref="Build"/> built. Requests in flight get the configured grace; then every connection that is still in work is cut, whatever clients and
    /// upstreams do. Throws nothing about either.
    /// </summary>
    public static async Task StopAsync(WebApplication app)
    {
        var cut = app.Services.GetRequiredService<ShutdownGrace>().Cut;
        try
        {
            await app.StopAsync(cut);
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested)
        {
            // That somebody had to be cut off is no failure of the stop.
        }
    }

    private static void Listen(KestrelServerOptions kestrel, GatewayOptions options)
    {
        // Applies to every address below.
        kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => new ClientConnection(next, options.Time).OnConnectionAsync));
        kestrel.AddServerHeader = false;
        // Any byte may stand in a header; a token with strange ones is a wrong token, not a broken request.
        kestrel.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        // RequestBody enforces the body limit of the running configuration, which may change.
        kestrel.Limits.MaxRequestBodySize = null;
        // What a client sends ahead lies in no budget: without this, a mebibyte a connection.
        kestrel.Limits.MaxRequestBufferSize = 64 * 1024;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
        foreach (var url in options.Urls)
        {
            var address = BindingAddress.Parse(url);
            if (System.Net.IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
            {
                kestrel.Listen(ip, address.Port);
            }
            else if (string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase) && address.Port != 0)
            {
                kestrel.ListenLocalhost(address.Port);
            }
            else if (address.Host is "*" or "+")
            {
                kestrel.ListenAnyIP(address.Port);
            }
            else
            {
                kestrel.Listen(System.Net.Dns.GetHostAddresses(address.Host)[0], address.Port);
            }
        }
    }

    private static void AddGateway(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(options.Time);
        services.AddSingleton(options.Reload);
        services.AddSingleton(new ListenPlan(options.Listen ?? new ListenSettings { Urls = [.. options.Urls] }, [.. options.Urls]));
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<RequestJournal>();
        services.AddSingleton<ShutdownSignal>();
        services.AddSingleton<MemoryBudget>();
        services.AddSingleton<ProfileDispatcher>();
        services.AddSingleton<Func<GatewayRuntime>>(provider => () => provider.GetRequiredService<RuntimeHost>().Current);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RequestAdmission>(provider, options.Environment));
        services.AddSingleton<PostEndpoint>();
        services.AddSingleton<ChatEndpoint>();
        services.AddSingleton<ResponseStore>();
        services.AddSingleton<AdminEndpoints>();
        services.AddSingleton(provider => new UpstreamRegistry(new UpstreamContext
        {
            Time = options.Time,
            Environment = options.Environment,
            Logger = provider.GetRequiredService<ILogger<UpstreamRegistry>>(),
            FollowStream = provider.GetRequiredService<GatewayMetrics>().Follow,
        }));
        ListingClients.AddTo(services, options.Environment);
        services.AddSingleton<HealthMonitor>();
        services.AddSingleton<IHealthStates>(provider => provider.GetRequiredService<HealthMonitor>());
        services.AddHostedService(provider => provider.GetRequiredService<HealthMonitor>());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RuntimeHost>(provider, options.Config));
        services.AddSingleton<IHostLifetime, SignalFreeLifetime>();
        services.AddSingleton<Drain>();
        services.AddSingleton<ShutdownGrace>();
        services.AddHostedService(provider => provider.GetRequiredService<ShutdownGrace>());
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ServingLog>(provider, options.Environment));
        services.AddHostedService(_ => MemoryRelease.OfProcess(options.Time));
        if (options.Config.SourcePath is { } path)
        {
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ConfigWatcher>(provider, path, options.Environment));
        }
    }
}

/// <summary>What a process decides about a gateway; everything else is in <see cref="Config"/>.</summary>
internal sealed record GatewayOptions
{
    public required GatewayConfig Config { get; init; }

    /// <summary>Where to listen, for example <c>http://127.0.0.1:8400</c>; port 0 = any free one.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>What the command line says about listening, which reloads go by; null = <see cref="Urls"/> and nothing else.</summary>
    public ListenSettings? Listen { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Asked by whoever hears a SIGHUP.</summary>
    public ReloadRequest Reload { get; init; } = new();

    /// <summary>Where log lines go; null = standard output in the configured format.</summary>
    public ILogOutput? Log { get; init; }
}
