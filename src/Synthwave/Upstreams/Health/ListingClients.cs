using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Synthwave.Configuration;
using Synthwave.Upstreams.Connections;

namespace Synthwave.Upstreams.Health;

/// <summary>
/// Clients that ask an endpoint for its models, for health probes and for <c>init</c>: from the host's factory, with its standard resilience handler, apart
/// from the connections of calls. Redirects are not followed, since they would carry keys along. The clients share their handlers, one for each proxy and TLS
/// settings that were ever in force, and need no disposal. Thread-safe.
/// </summary>
internal sealed class ListingClients(IHttpMessageHandlerFactory handlers)
{
    // Who asks has a limit of its own, of at most 60 s; these only keep the handler's stages from ending anything before that.
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TotalLimit = TimeSpan.FromSeconds(125);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<(string Proxy, TlsConfig? Tls), string> _names = new();
    private readonly ConcurrentDictionary<string, (string Proxy, TlsConfig? Tls)> _settings = new(StringComparer.Ordinal);
    private int _count;

    /// <param name="proxy">As in an upstream's configuration: <c>env</c>, <c>none</c> or a URL.</param>
    /// <param name="tls">As in an upstream's configuration.</param>
    public HttpMessageInvoker Through(string proxy, TlsConfig? tls = null)
    {
        // The factory knows its handlers by name alone.
        var name = _names.GetOrAdd((proxy, tls), _ => Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
        _settings[name] = (proxy, tls);
        return new(handlers.CreateHandler(name), disposeHandler: false);
    }

    /// <summary>Adds the clients and the factory.</summary>
    /// <param name="services">Where to add them.</param>
    /// <param name="environment">Reads the proxy variables.</param>
    public static void AddTo(IServiceCollection services, Func<string, string?> environment)
    {
        services.AddSingleton<ListingClients>();
        services.ConfigureHttpClientDefaults(static http => http
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .AddStandardResilienceHandler(Configure)
            .SelectPipelineByAuthority());
        services.ConfigureAll<HttpClientFactoryOptions>(factory => factory.HttpMessageHandlerBuilderActions.Add(
            builder => builder.PrimaryHandler = builder.Services.GetRequiredService<ListingClients>().Create(builder.Name ?? "", environment)));
    }

    private SocketsHttpHandler Create(string name, Func<string, string?> environment)
    {
        var (proxy, tls) = _settings.GetValueOrDefault(name, ("env", null));
        return UpstreamConnection.CreateHandler(proxy, AttemptLimit, tls, environment);
    }

    private static void Configure(HttpStandardResilienceOptions options)
    {
        options.TotalRequestTimeout.Timeout = TotalLimit;
        options.AttemptTimeout.Timeout = AttemptLimit;

        // One more try for what was only a hiccup. A wait that the endpoint asks for would outlast whoever asked, and hide the status it came with.
        options.Retry.MaxRetryAttempts = 1;
        options.Retry.Delay = RetryDelay;
        options.Retry.BackoffType = DelayBackoffType.Constant;
        options.Retry.ShouldRetryAfterHeader = false;

        // A list that an endpoint does not have is no failure, and stays so.
        options.Retry.ShouldHandle = static tried => ValueTask.FromResult(IsTransient(tried.Outcome));
        options.CircuitBreaker.ShouldHandle = static tried => ValueTask.FromResult(IsTransient(tried.Outcome));

        // Rests only where nothing at all succeeds, so that no upstream is called down for the failures of a neighbour at the same address.
        options.CircuitBreaker.FailureRatio = 1;
        options.CircuitBreaker.SamplingDuration = TotalLimit;
    }

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Result?.StatusCode is not HttpStatusCode.NotImplemented && HttpClientResiliencePredicates.IsTransient(outcome);
}
