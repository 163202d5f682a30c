using System.Net;
using Synthwave.Load.Relay;

if (args is not [var portText, var baseText, .. var rest] || rest.Length > 1
    || !ushort.TryParse(portText, out var port) || !Uri.TryCreate(baseText, UriKind.Absolute, out var upstream)
    || !byte.TryParse(rest is [var holdText] ? holdText : "0", out var milliseconds))
{
    Console.Error.WriteLine("usage: relay PORT BASE_URL [HOLD_MS]");
    return 1;
}

// An empty builder: no configuration, no logging, no host filtering. What remains is a server, a client and the loop between them.
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, port);
});

using var hold = milliseconds == 0 ? null : new Hold(TimeSpan.FromMilliseconds(milliseconds));
using var relay = new ByteRelay(upstream, hold);
await using var app = builder.Build();
app.Run(relay.ForwardAsync);
await app.RunAsync();
return 0;
