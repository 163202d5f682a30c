using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>An endpoint with the model <c>m</c> behind TLS. It answers with the name of the client's certificate, or "nobody".</summary>
internal sealed class TlsUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TlsUpstream(WebApplication app) => _app = app;

    public string BaseUrl => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/v1";

    /// <summary>What calls came over, such as <c>HTTP/2</c>.</summary>
    public ConcurrentQueue<string> Protocols { get; } = new();

    /// <param name="certificate">The server's certificate and key, PEM.</param>
    /// <param name="clients">Whether a client must show a certificate; any will do.</param>
    public static async Task<TlsUpstream> StartAsync((string Certificate, string Key) certificate, bool clients = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = X509Certificate2.CreateFromPem(certificate.Certificate, certificate.Key);
            https.ClientCertificateMode = clients ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
            https.ClientCertificateValidation = static (_, _, _) => true;
        })));
        var upstream = new TlsUpstream(builder.Build());
        upstream._app.Run(upstream.AnswerAsync);
        await upstream._app.StartAsync();
        return upstream;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsGet(context.Request.Method))
        {
            return context.Response.WriteAsync("""{"object":"list","data":[{"id":"m","object":"model"}]}""");
        }

        Protocols.Enqueue(context.Request.Protocol);
        var name = context.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? "nobody";
        return context.Response.WriteAsync(
            $$$"""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{name}}}"},"finish_reason":"stop"}]}""");
    }
}
