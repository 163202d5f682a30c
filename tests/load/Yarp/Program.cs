using System.Net;
using Yarp.ReverseProxy.Forwarder;

if (args is not [var portText, var upstream] || !ushort.TryParse(portText, out var port) || !Uri.TryCreate(upstream, UriKind.Absolute, out _))
{
    Console.Error.WriteLine("usage: yarp-relay PORT BASE_URL");
    return 1;
}

// The second yardstick: a proxy as YARP's documentation of direct forwarding builds it, in the same empty host as the bare relay. Nothing
// logs, and no activity header is added, as the relay adds none.
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.Services.AddRoutingCore();
builder.Services.AddHttpForwarder();
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, port);
});

using var client = new HttpMessageInvoker(new SocketsHttpHandler
{
    AllowAutoRedirect = false,
    UseCookies = false,
    UseProxy = false,
    AutomaticDecompression = DecompressionMethods.None,
    EnableMultipleHttp2Connections = true,
    ActivityHeadersPropagator = null,
    ConnectTimeout = TimeSpan.FromSeconds(15),
});

await using var app = builder.Build();
var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
var settings = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(100) };
app.MapPost("/{**path}", async context => await forwarder.SendAsync(context, upstream, client, settings, HttpTransformer.Default));
await app.RunAsync();
return 0;
