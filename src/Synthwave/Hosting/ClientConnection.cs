using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Synthwave.Api.Admission;

namespace Synthwave.Hosting;

/// <summary>
/// What happens to a client's connection before HTTP and beside it: one that says nothing is closed, and one that ends its side is not taken for gone at once.
/// Thread-safe: one instance serves all connections of an address.
/// </summary>
internal sealed class ClientConnection(ConnectionDelegate next, TimeProvider time)
{
    /// <summary>How long a new connection may say nothing. The server's own limits begin with the first byte, or leave it the pause between two requests.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (!await HasSpokenAsync(connection))
        {
            return;
        }

        using var presence = ClientPresence.Watch(connection, time);
        var transport = connection.Transport;
        connection.Transport = new ClientPipe(transport);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    /// <summary>Waits for the first byte and leaves it where it is. False = none came in time, or the server stops.</summary>
    private async ValueTask<bool> HasSpokenAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var silence = new CancellationTokenSource(LongestSilence, time);
        await using var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
            .UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), silence) ?? default;
        try
        {
            return Keep(input, input.TryRead(out var first) ? first : await input.ReadAsync(silence.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Silent for too long, or gone without a word.
            return false;
        }
    }

    private static bool Keep(PipeReader input, ReadResult result)
    {
        input.AdvanceTo(result.Buffer.Start);
        return !result.Buffer.IsEmpty;
    }
}
