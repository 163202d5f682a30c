using System.Net;
using Synthwave.Load.Relay;

if (args is not [var portText, var baseText] || !ushort.TryParse(portText, out var port) || !Uri.TryCreate(baseText, UriKind.Absolute, out var upstream))
{
    Console.Error.WriteLine("usage: relay PORT BASE_URL");
    return 1;
}

// An empty builder: no configuration, no logging, no host filtering. What remains is a server, a client and the loop between them.
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, port);
});

using var relay = new ByteRelay(upstream);
await using var app = builder.Build();
app.Run(relay.ForwardAsync);
await app.RunAsync();
return 0;
