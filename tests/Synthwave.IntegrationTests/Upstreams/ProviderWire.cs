using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>One request as it arrived at a provider.</summary>
/// <param name="Host">Whom it was for.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path as it came, escaped.</param>
/// <param name="Query">From the question mark on; empty = none.</param>
/// <param name="Headers">Names in lower case.</param>
/// <param name="Body">As text.</param>
internal sealed record WireRequest(string Host, string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>Everything in it that could hold a key.</summary>
    public string All => string.Join('\n', Headers.Select(static h => $"{h.Key}: {h.Value}").Append(Path).Append(Query).Append(Body));
}

/// <summary>
/// All providers of the world behind one proxy: whatever https host is asked for through it is answered from this machine, with a certificate for that host, by an endpoint
/// that writes down what came and has the model <c>m</c>. Nothing leaves the machine.
/// </summary>
internal sealed class ProviderWire : IAsyncDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly ConcurrentDictionary<string, X509Certificate2> _certificates = new(StringComparer.OrdinalIgnoreCase);
    private readonly TcpListener _proxy = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Task> _tunnels = [];
    private readonly WebApplication _app;
    private readonly Task _accepting;

    private ProviderWire(WebApplication app)
    {
        _app = app;
        _proxy.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The authority to trust, PEM.</summary>
    public string AuthorityPem => _authority.Pem;

    public string ProxyUrl => $"http://{_proxy.LocalEndpoint}";

    public ConcurrentQueue<WireRequest> Requests { get; } = new();

    public static async Task<ProviderWire> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ProviderWire? wire = null;
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, host) => wire!.CertificateFor(host ?? "nobody.test"))));
        wire = new ProviderWire(builder.Build());
        wire._app.Run(wire.AnswerAsync);
        await wire._app.StartAsync();
        return wire;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _proxy.Stop();
        await _accepting;
        await _app.DisposeAsync();
        await Task.WhenAll(_tunnels);
        _authority.Dispose();
        _end.Dispose();
    }

    private X509Certificate2 CertificateFor(string host) => _certificates.GetOrAdd(host, name =>
    {
        var (certificate, key) = _authority.Issue("provider", name);
        return X509Certificate2.CreateFromPem(certificate, key);
    });

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _proxy.AcceptTcpClientAsync(_end.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _tunnels.Add(TunnelAsync(client));
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using var owned = client;
        using var server = new TcpClient();
        try
        {
            var head = new StringBuilder();
            var one = new byte[1];
            var near = client.GetStream();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await near.ReadAsync(one, _end.Token) > 0)
            {
                head.Append((char)one[0]);
            }

            var target = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            await server.ConnectAsync(IPAddress.Loopback, target.Port, _end.Token);
            await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _end.Token);
            var far = server.GetStream();
            await Task.WhenAny(near.CopyToAsync(far, _end.Token), far.CopyToAsync(near, _end.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Whoever leaves first ends the tunnel.
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        Requests.Enqueue(new(
            request.Host.Host,
            request.Method,
            raw.Split('?')[0],
            request.QueryString.Value ?? "",
            request.Headers.ToDictionary(static h => h.Key.ToLowerInvariant(), static h => h.Value.ToString()),
            body));
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            HttpMethods.IsGet(request.Method) ? """{"object":"list","data":[{"id":"m","object":"model"}]}"""
            : raw.Contains("/messages", StringComparison.Ordinal) ? """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"""
            : """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}""");
    }
}
