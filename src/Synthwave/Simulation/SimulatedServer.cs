using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Synthwave.Simulation;

/// <summary>
/// An OpenAI-compatible server on a real socket whose models say and do what a script tells them. For the demo, for tests and for load: Kestrel without
/// a host, routing or logging. Thread-safe. Disposing ends every answer in progress.
/// </summary>
internal sealed class SimulatedServer : IAsyncDisposable
{
    private readonly KestrelServer _kestrel;
    private readonly SimulatedServerOptions _options;
    private readonly RequestLog _log;
    private readonly Lock _scripting = new();
    private volatile FrozenDictionary<string, ModelScript> _scripts = FrozenDictionary<string, ModelScript>.Empty;
    private ImmutableArray<SimulatedModel> _models = [];
    private volatile SimulatedFault? _catalogFault;
    private volatile bool _stopping;
    private long _replies;

    private SimulatedServer(SimulatedServerOptions options)
    {
        _options = options;
        _log = new RequestLog(options.RecordLimit);
        var kestrel = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxConcurrentConnections = null;
        kestrel.Listen(options.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(options.Host), options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        _kestrel = new KestrelServer(
            Options.Create(kestrel),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions { NoDelay = true }), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
    }

    /// <summary>What a <c>base_url</c> says: ends in <c>/v1</c>.</summary>
    public string BaseUrl { get; private set; } = "";

    public int Port { get; private set; }

    /// <summary>The newest requests, oldest first, whatever their path.</summary>
    public ImmutableArray<RecordedRequest> Requests => _log.Snapshot();

    /// <summary>The newest chat calls, oldest first.</summary>
    public ImmutableArray<RecordedRequest> ChatCalls => [.. Requests.Where(r => r.Path.EndsWith("/chat/completions", StringComparison.Ordinal))];

    /// <summary>Requests received, recorded or not.</summary>
    public long RequestCount => _log.Total;

    /// <summary>Requests in work now.</summary>
    public int InFlight => _log.InFlight;

    /// <summary>The most requests that were in work at one time.</summary>
    public int PeakConcurrency => _log.Peak;

    /// <summary>Strikes <c>GET /v1/models</c>: <see cref="SimulatedFaultKind.Status"/>, <see cref="SimulatedFaultKind.Stall"/> or <see cref="SimulatedFaultKind.Refuse"/>; null = none.</summary>
    public SimulatedFault? CatalogFault
    {
        get => _catalogFault;
        set => _catalogFault = value;
    }

    /// <summary>Starts listening. The caller disposes the server.</summary>
    /// <exception cref="IOException">The address is taken.</exception>
    public static async Task<SimulatedServer> StartAsync(
        IEnumerable<SimulatedModel> models, SimulatedServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var server = new SimulatedServer(options ?? new SimulatedServerOptions());
        try
        {
            foreach (var model in models)
            {
                server.Script(model);
            }

            await server._kestrel.StartAsync(new Application(server), cancellationToken);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        var address = new Uri(server._kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        server.Port = address.Port;
        server.BaseUrl = $"{address.GetLeftPart(UriPartial.Authority)}/v1";
        return server;
    }

    public static Task<SimulatedServer> StartAsync(params SimulatedModel[] models) => StartAsync(models, options: null);

    /// <summary>Adds a model, or replaces the one with its id: calls and turns then count from the start. Calls in progress finish as they began.</summary>
    public void Script(SimulatedModel model)
    {
        if (model.Responder is null && model.Texts.IsEmpty)
        {
            throw new ArgumentException($"Simulated model '{model.Id}' has neither a text nor a responder.", nameof(model));
        }

        lock (_scripting)
        {
            var known = _models.FirstOrDefault(m => m.Id == model.Id);
            _models = known is null ? _models.Add(model) : _models.Replace(known, model);
            var scripts = _scripts.ToDictionary(StringComparer.Ordinal);
            scripts[model.Id] = new ModelScript(model);
            _scripts = scripts.ToFrozenDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>Chat calls made to a model since it was scripted.</summary>
    public long CallsTo(string modelId) => _scripts[modelId].Calls;

    /// <summary>Completes when at least <paramref name="count"/> requests are recorded.</summary>
    public Task WhenRequestsAsync(int count, CancellationToken cancellationToken = default) => _log.WhenAsync(count, cancellationToken);

    /// <summary>Forgets the requests recorded so far; counters stay.</summary>
    public void ForgetRequests() => _log.Clear();

    public async ValueTask DisposeAsync()
    {
        _stopping = true;

        // A token that is cancelled already: connections are not waited for but aborted.
        await _kestrel.StopAsync(new CancellationToken(canceled: true));
        _kestrel.Dispose();
    }

    private async Task ServeAsync(HttpContext http)
    {
        _log.Enter();
        RecordedRequest? record = null;
        try
        {
            var body = await ReadBodyAsync(http);
            var facts = ChatCallFacts.Read(body.Span, out var problem);
            record = Record(http, body, facts?.Model ?? "");
            using var abort = record is null ? default : http.RequestAborted.UnsafeRegister(_ => MarkAborted(record, http), state: null);
            await RouteAsync(http, body, facts, problem);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client went away, or the server stops: nobody is left to answer. A reset may surface before the token is cancelled.
            MarkAborted(record, http);
        }
        finally
        {
            _log.Leave();
            record?.MarkEnded();
        }
    }

    private void MarkAborted(RecordedRequest? record, HttpContext http)
    {
        if (!_stopping && !RawWire.HasEnded(http))
        {
            record?.MarkAborted(_options.Time.GetUtcNow());
        }
    }

    private async Task RouteAsync(HttpContext http, ReadOnlyMemory<byte> body, ChatCallFacts? facts, string problem)
    {
        if (_options.BearerKey is { } key && !string.Equals(http.Request.Headers.Authorization, $"Bearer {key}", StringComparison.Ordinal)
            && !string.Equals(http.Request.Headers["x-api-key"], key, StringComparison.Ordinal))
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            await ErrorReply.WriteAsync(http, StatusCodes.Status401Unauthorized, "incorrect API key", "invalid_api_key");
            return;
        }

        var method = http.Request.Method;
        await ((method, http.Request.Path.Value) switch
        {
            ("POST", "/v1/chat/completions") => ChatAsync(http, body, facts, problem),
            ("GET", "/v1/models") => CatalogAsync(http),
            ("POST", "/v1/messages") => MessagesAsync(http, body, facts, problem),
            ("POST", "/v1/embeddings") => EmbeddingsEndpoint.AnswerAsync(http, body, _models.FirstOrDefault(m => m.Id == facts?.Model), _options.Time),
            ("POST", "/tokenize" or "/v1/tokenize") => TokenizeEndpoint.AnswerAsync(http, body),
            _ => ErrorReply.WriteAsync(http, StatusCodes.Status404NotFound, "no such path", code: null),
        });
    }

    private async Task ChatAsync(HttpContext http, ReadOnlyMemory<byte> body, ChatCallFacts? read, string problem)
    {
        var start = _options.Time.GetTimestamp();
        if (read is not { } facts)
        {
            await ErrorReply.WriteAsync(http, StatusCodes.Status400BadRequest, problem, code: null);
            return;
        }

        if (!_scripts.TryGetValue(facts.Model, out var script))
        {
            await ErrorReply.WriteAsync(http, StatusCodes.Status404NotFound, $"the model '{facts.Model}' does not exist", "model_not_found");
            return;
        }

        var (answer, fault) = script.Next(facts, body, http.Request.Headers);
        var frames = new ChatFrames(Interlocked.Increment(ref _replies), _options.Time.GetUtcNow(), facts.Model, facts is { Stream: true, IncludeUsage: true });
        var pace = new Pace(_options.Time, start, answer.FirstTokenDelay, answer.TokensPerSecond);
        var usage = answer.Usage ?? new SimulatedUsage(Math.Max(1, body.Length / 4), answer.Tokens);
        var turn = new ChatTurn(http, facts, answer, frames, pace, usage);
        await (fault is null ? turn.AnswerAsync(new HttpWire(http)) : FaultPlayer.PlayAsync(fault, turn));
    }

    private async Task MessagesAsync(HttpContext http, ReadOnlyMemory<byte> body, ChatCallFacts? read, string problem)
    {
        if (read is not { } facts)
        {
            await MessagesEndpoint.RefuseAsync(http, StatusCodes.Status400BadRequest, "invalid_request_error", problem);
        }
        else if (!_scripts.TryGetValue(facts.Model, out var script))
        {
            await MessagesEndpoint.RefuseAsync(http, StatusCodes.Status404NotFound, "not_found_error", $"model: {facts.Model}");
        }
        else
        {
            await new MessagesEndpoint(http, _options.Time, Interlocked.Increment(ref _replies)).AnswerAsync(facts, body, script);
        }
    }

    private async Task CatalogAsync(HttpContext http)
    {
        switch (_catalogFault)
        {
            case { Kind: SimulatedFaultKind.Refuse }:
                new RawWire(http).Close();
                break;
            case { Kind: SimulatedFaultKind.Stall }:
                await Task.Delay(Timeout.InfiniteTimeSpan, _options.Time, http.RequestAborted);
                break;
            case { } fault:
                await FaultPlayer.StatusAsync(fault, http);
                break;
            default:
                await CatalogEndpoint.AnswerAsync(http, _models, _options.CatalogPageSize);
                break;
        }
    }

    private RecordedRequest? Record(HttpContext http, ReadOnlyMemory<byte> body, string model)
    {
        if (!_log.Records)
        {
            return null;
        }

        var record = new RecordedRequest
        {
            Method = http.Request.Method,
            Path = http.Request.Path + http.Request.QueryString.Value,
            Headers = http.Request.Headers.ToFrozenDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Body = body,
            Model = model,
            ReceivedAt = _options.Time.GetUtcNow(),
        };
        _log.Add(record);
        return record;
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        for (; ; )
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private sealed class Application(SimulatedServer server) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => server.ServeAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // Nothing of a context is shared or pooled.
        }
    }
}
