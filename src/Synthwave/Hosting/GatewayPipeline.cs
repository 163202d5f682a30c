using Synthwave.Api.Admission;
using Synthwave.Api.Middleware;
using Synthwave.Configuration;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Metrics;

namespace Synthwave.Hosting;

/// <summary>The layers every request passes, from the outside in. Each relies on the ones before it.</summary>
internal static class GatewayPipeline
{
    /// <summary>
    /// Adds all layers in their order: the end of kept connections at a stop, the path prefix, the spelling of routes, routing, which tells the others what the route is, log line, record and counting, CORS (ends OPTIONS), errors,
    /// the door of /admin, what an open gateway refuses, authentication, trailing slashes. Endpoints are mapped after it. Needs <see cref="GatewayMetrics"/>, <see cref="RequestJournal"/>, <see cref="LoggingSetup"/>,
    /// <see cref="ShutdownSignal"/> and <see cref="TimeProvider"/> among the services.
    /// </summary>
    /// <param name="app">The host's pipeline.</param>
    /// <param name="server">The configuration in force now; asked once per layer and request, so it must be cheap.</param>
    /// <param name="environment">For the token's variable.</param>
    public static IApplicationBuilder UseGateway(this IApplicationBuilder app, Func<ServerConfig> server, Func<string, string?> environment)
    {
        var token = new TokenInForce(environment);
        return app.UseConnectionEnd().UsePathPrefix(server).UseRouteSpelling().UseRouting().UseNearestRoute().UseRequestLog().UseRequestTelemetry().UseCors(server, token).UseErrors()
            .UseAdminDoor(server, TokenInForce.OfAdmin(environment)).UseOpenDoor(server, token).UseBearerAuth(server, token).UseTrailingSlash();
    }

    public static IApplicationBuilder UseConnectionEnd(this IApplicationBuilder app)
    {
        var shutdown = app.ApplicationServices.GetRequiredService<ShutdownSignal>();
        return app.Use(next => new ConnectionEnd(next, shutdown).InvokeAsync);
    }

    public static IApplicationBuilder UsePathPrefix(this IApplicationBuilder app, Func<ServerConfig> server) =>
        app.Use(next => new PathPrefix(next, server).InvokeAsync);

    public static IApplicationBuilder UseRouteSpelling(this IApplicationBuilder app)
    {
        var routes = app.ApplicationServices.GetRequiredService<EndpointDataSource>();
        return app.Use(next => new RouteSpelling(next, routes).InvokeAsync);
    }

    public static IApplicationBuilder UseNearestRoute(this IApplicationBuilder app)
    {
        var routes = app.ApplicationServices.GetRequiredService<EndpointDataSource>();
        return app.Use(next => new NearestRoute(next, routes).InvokeAsync);
    }

    public static IApplicationBuilder UseRequestTelemetry(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        var (metrics, journal, time) = (services.GetRequiredService<GatewayMetrics>(), services.GetRequiredService<RequestJournal>(), services.GetRequiredService<TimeProvider>());
        return app.Use(next => new RequestTelemetry(next, metrics, journal, time).InvokeAsync);
    }

    public static IApplicationBuilder UseCors(this IApplicationBuilder app, Func<ServerConfig> server, TokenInForce token) =>
        app.Use(next => new Cors(next, server, token).InvokeAsync);

    public static IApplicationBuilder UseErrors(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILogger<ErrorMiddleware>>();
        var routes = app.ApplicationServices.GetRequiredService<EndpointDataSource>();
        return app.Use(next => new ErrorMiddleware(next, routes, logger).InvokeAsync);
    }

    public static IApplicationBuilder UseAdminDoor(this IApplicationBuilder app, Func<ServerConfig> server, TokenInForce token) =>
        app.Use(next => new AdminDoor(next, server, token).InvokeAsync);

    public static IApplicationBuilder UseOpenDoor(this IApplicationBuilder app, Func<ServerConfig> server, TokenInForce token) =>
        app.Use(next => new OpenDoor(next, server, token).InvokeAsync);

    public static IApplicationBuilder UseBearerAuth(this IApplicationBuilder app, Func<ServerConfig> server, TokenInForce token) =>
        app.Use(next => new BearerAuth(next, server, token).InvokeAsync);

    public static IApplicationBuilder UseTrailingSlash(this IApplicationBuilder app) => app.Use(next => new TrailingSlash(next).InvokeAsync);
}
