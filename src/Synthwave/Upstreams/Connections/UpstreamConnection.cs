using System.Net;
using System.Net.Security;
using Synthwave.Configuration;

namespace Synthwave.Upstreams.Connections;

/// <summary>
/// The connection pool of one <see cref="ConnectionIdentity"/>. Calls use it under a lease; once retired it is closed with the last lease. A request
/// that still runs on a replaced configuration may lease a retired pool: it is then opened anew and closed again after it. Thread-safe.
/// </summary>
/// <param name="identity">What the pool connects to, and how.</param>
/// <param name="environment">Reads a variable, for the proxies named there; null or empty = not set.</param>
internal sealed class UpstreamConnection(ConnectionIdentity identity, Func<string, string?> environment)
{
    // A stream that is given up must be cut off at once: reading the rest of it in order to save the connection would keep the model generating. Whoever
    // reads a reply to its end gives the connection back anyway.
    private static readonly TimeSpan NoDrain = TimeSpan.Zero;

    private static readonly HttpRequestOptionsKey<bool> Opened = new("synthwave.connection_opened");

    private readonly Lock _gate = new();
    private HttpMessageInvoker? _invoker;
    private int _leases;
    private bool _retired;

    /// <summary>Whether connections are or may be open.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _invoker is not null;
            }
        }
    }

    /// <summary>Whether <see cref="ConnectionIdentity.Proxy"/> is a proxy that can be used.</summary>
    public static bool IsUsableProxy(string proxy) => proxy is "env" or "none" || ProxyAddress(proxy) is not null;

    /// <summary>
    /// Whether a connection was opened for <paramref name="request"/>, which then most likely went over it. False = it went over one that was kept from an earlier
    /// request, or shared with others.
    /// </summary>
    public static bool WasOpenedFor(HttpRequestMessage request) => request.Options.TryGetValue(Opened, out var isOpened) && isOpened;

    /// <summary>Opens the pool for one call. The caller disposes the lease when the reply has been read or given up.</summary>
    public Lease Rent()
    {
        lock (_gate)
        {
            _invoker ??= new HttpMessageInvoker(CreateHandler(identity.Proxy, identity.ConnectTimeout, identity.Tls, environment), disposeHandler: true);
            _leases++;
            return new Lease(this, _invoker);
        }
    }

    /// <summary>Closes the pool as soon as nobody uses it.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _retired = true;
            CloseIfUnused();
        }
    }

    private void Return()
    {
        lock (_gate)
        {
            _leases--;
            CloseIfUnused();
        }
    }

    private void CloseIfUnused()
    {
        if (_retired && _leases == 0)
        {
            _invoker?.Dispose();
            _invoker = null;
        }
    }

    /// <summary>A handler as connections to endpoints need it. The caller disposes it.</summary>
    /// <param name="proxy"><c>env</c>, <c>none</c> or a URL.</param>
    /// <param name="connectTimeout">Above zero.</param>
    /// <param name="tls">Null = the system's authorities are trusted.</param>
    /// <param name="environment">Reads the proxy variables, once.</param>
    public static SocketsHttpHandler CreateHandler(string proxy, TimeSpan connectTimeout, TlsConfig? tls, Func<string, string?> environment)
    {
        IWebProxy? through = proxy == "env" ? EnvironmentProxy.Read(environment)
            : ProxyAddress(proxy) is { } address ? new WebProxy(address) { Credentials = ProxyCredentials.Of(address) }
            : null;
        return new SocketsHttpHandler
        {
            ConnectCallback = UpstreamSocket.ConnectAsync,
            ConnectTimeout = connectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ResponseDrainTimeout = NoDrain,
            MaxResponseDrainSize = 0,
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,

            // The trace context goes with the request's other headers: the handler that would add it costs a span per call, listener or not.
            ActivityHeadersPropagator = null,
            PlaintextStreamFilter = static (context, _) =>
            {
                context.InitialRequestMessage.Options.Set(Opened, true);
                return new(context.PlaintextStream);
            },
            UseProxy = through is not null,
            Proxy = through,
            SslOptions = tls is null ? new SslClientAuthenticationOptions() : TlsTrust.Options(tls),
        };
    }

    private static Uri? ProxyAddress(string proxy) =>
        Uri.TryCreate(proxy, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5" && uri.Host.Length > 0
            ? uri
            : null;

    /// <summary>The right to use the pool until disposed. Disposing twice is harmless.</summary>
    internal sealed class Lease(UpstreamConnection owner, HttpMessageInvoker invoker) : IDisposable
    {
        private UpstreamConnection? _owner = owner;

        public HttpMessageInvoker Invoker { get; } = invoker;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Return();
    }
}
