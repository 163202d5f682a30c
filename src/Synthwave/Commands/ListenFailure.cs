using System.Net.Sockets;

namespace Synthwave.Commands;

/// <summary>Why an address could not be listened on, as one sentence. Pure.</summary>
internal static class ListenFailure
{
    /// <summary>Whether <paramref name="exception"/> is about the address rather than a bug.</summary>
    public static bool Is(Exception exception) => exception is IOException or SocketException or FormatException;

    /// <param name="exception">One for which <see cref="Is"/> holds.</param>
    /// <param name="urls">All addresses that were asked for.</param>
    public static string Explain(Exception exception, IReadOnlyList<string> urls)
    {
        // The server names the address in question in its message, though not always.
        var address = urls.FirstOrDefault(u => exception.Message.Contains(u, StringComparison.Ordinal)) ?? string.Join(", ", urls);
        return exception is FormatException
            ? $"synthwave: {address} is no address to listen on."
            : $"synthwave: cannot listen on {address}: {Reason(exception)}.";
    }

    private static string Reason(Exception exception) => Cause(exception)?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use; stop what listens there or choose another port",
        SocketError.AccessDenied => "this user may not listen there; choose a port from 1024 up",
        SocketError.AddressNotAvailable => "this machine has no such address",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the host name cannot be resolved",
        _ => exception.Message.TrimEnd('.'),
    };

    private static SocketException? Cause(Exception? exception) => exception switch
    {
        null => null,
        SocketException socket => socket,
        AggregateException several => several.InnerExceptions.Select(Cause).FirstOrDefault(c => c is not null),
        _ => Cause(exception.InnerException),
    };
}
