using System.Net;
using System.Net.Sockets;

namespace Synthwave.Load.Driver;

/// <summary>Ports and clients on 127.0.0.1; nothing here ever leaves the machine.</summary>
internal static class Loopback
{
    /// <summary>Distinct ports nobody listened on a moment ago.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = new List<TcpListener>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    public static Uri Url(int port, string path = "/") => new($"http://127.0.0.1:{port}{path}");

    /// <summary>A client that adds as little as possible of its own to what it measures. The caller disposes it.</summary>
    public static HttpMessageInvoker NewClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });
}
