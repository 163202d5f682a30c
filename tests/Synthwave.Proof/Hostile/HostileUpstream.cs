using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile;

/// <summary>
/// Every upstream of a hostile run, on one bare listening socket. What is answered, the prompt says: see <see cref="UpstreamCall"/>. Disposing ends it. Thread-safe.
/// </summary>
internal sealed class HostileUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentDictionary<long, ConcurrentQueue<(UpstreamCall Call, UpstreamReply Reply)>> _odd = new();
    private readonly ulong _seed;
    private readonly Task _loop;

    public HostileUpstream(ulong seed)
    {
        _seed = seed;
        _listener.Start(backlog: 1024);
        _loop = AcceptAsync();
    }

    public string BaseUrl => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");

    /// <summary>What the gateway sent that no upstream may be sent.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>What was said to the odd orders of a number, in a line each; forgotten with this.</summary>
    public string Said(long number) => _odd.TryRemove(number, out var said)
        ? string.Join("\n  ", said.Select(static s => $"{s.Call.Path}{(s.Call.IsStream ? " streamed" : "")}: {s.Reply.What}, {s.Reply.End}: {Printable.Of(s.Reply.Bytes)}"))
        : "nothing was asked";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_connections.Keys);
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                var serving = ServeAsync(socket);
                _connections.TryAdd(serving, 0);
                _ = serving.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // Over, or a connection that was gone before it was taken.
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        socket.NoDelay = true;
        var reader = new SocketReader(socket);
        try
        {
            while (await reader.RequestAsync(_stop.Token) is { End: MessageEnd.Whole } request)
            {
                var call = UpstreamCall.Read(request);
                if (call is null)
                {
                    _problems.Enqueue($"{request.First}: the body is no JSON: {Printable.Of(request.Body.Span)}");
                }

                var reply = call is null ? UpstreamReply.Of("{}", isStream: false) : Reply(call);
                if (!await PlayAsync(socket, reader, reply))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The gateway hung up, or the run is over.
        }
    }

    private UpstreamReply Reply(UpstreamCall call) => call.Order.Word switch
    {
        UpstreamCall.Odd => Odd(call),
        UpstreamCall.Slow => PlainReplies.Of(call) with { Piece = 96 },
        UpstreamCall.Silent => new([], ReplyEnd.Silence, "silence"),
        _ => PlainReplies.Of(call),
    };

    // The same in every run of the seed.
    private UpstreamReply Odd(UpstreamCall call)
    {
        var reply = OddReply.Draw(Draws.Of(_seed, $"reply to {call.Path} {(call.IsStream ? "streamed" : "whole")}", call.Order.Number), call);
        _odd.GetOrAdd(call.Order.Number, static _ => new()).Enqueue((call, reply));
        return reply;
    }

    // False = the connection is over.
    private async Task<bool> PlayAsync(Socket socket, SocketReader reader, UpstreamReply reply)
    {
        var rest = reply.Bytes.AsMemory();
        while (!rest.IsEmpty)
        {
            var piece = reply.Piece > 0 ? rest[..Math.Min(reply.Piece, rest.Length)] : rest;
            rest = rest[piece.Length..];
            while (!piece.IsEmpty)
            {
                piece = piece[await socket.SendAsync(piece, _stop.Token)..];
            }

            if (!rest.IsEmpty)
            {
                await Task.Delay(reply.Pause, _stop.Token);
            }
        }

        switch (reply.End)
        {
            case ReplyEnd.Keep:
                return true;
            case ReplyEnd.Reset:
                socket.LingerState = new LingerOption(true, 0);
                return false;
            case ReplyEnd.Silence:
                // Until the gateway hangs up.
                while (await reader.SkipAsync(int.MaxValue, _stop.Token))
                {
                }

                return false;
            case ReplyEnd.Endless:
                while (true)
                {
                    await socket.SendAsync(reply.Tail, _stop.Token);
                    await Task.Delay(reply.Pause, _stop.Token);
                }

            default:
                return false;
        }
    }
}
