using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Synthwave.Api.Admission;

/// <summary>
/// Whether the client of one connection is still there after it ended its side of it (FIN). One that closed its socket and one that only has nothing more to
/// send look alike until something is sent to them: the first answers with a reset, the second reads on. So a client that waits for an answer is told that it is
/// being worked on, by an interim response or a heartbeat, and the socket is looked at from then on. To the rest of the server the connection counts as open
/// until the client is known to be gone.
/// <code>
/// FIN ──50 ms──► nothing answered yet: 100 Continue ──► reset: gone
///                stream begun: heartbeat             └─► none: answered as usual
///                HTTP/1.0, which has neither: gone
/// </code>
/// Requests of a connection come one after the other; <see cref="Await"/>, <see cref="BeginAnswer"/> and <see cref="EndAnswer"/> are called by the one in work.
/// </summary>
internal sealed class ClientPresence : IDisposable
{
    /// <summary>Most answers to clients that end their side early are there by then, and need no word in between.</summary>
    public static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly ReadOnlyMemory<byte> Interim = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    // What may be said now: nothing; an interim response; one is being written; nothing, since the client would not know it.
    private const int Silent = 0;
    private const int Waiting = 1;
    private const int Speaking = 2;
    private const int Mute = 3;

    private readonly PipeWriter _output;
    private readonly Socket _socket;
    private readonly TimeProvider _time;

    // Not disposed: it holds nothing that would stay, and a look may still be under way.
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenRegistration _closed;
    private ITimer? _looks;
    private TimeSpan _pause = SecondLook;
    private volatile IHeartbeat? _heartbeat;
    private volatile bool _isOver;
    private int _state;

    private ClientPresence(ConnectionContext connection, Socket socket, TimeProvider time)
    {
        (_output, _socket, _time) = (connection.Transport.Output, socket, time);
        var closed = connection.ConnectionClosed;
        connection.ConnectionClosed = _gone.Token;
        connection.Features.Set(this);
        _closed = closed.UnsafeRegister(static state => ((ClientPresence)state!).NoteEnd(), this);
    }

    /// <summary>
    /// Stands between the transport's word that a connection is closed and whoever serves it, who asks after this. Dispose it when the connection is served. Null =
    /// there is no socket to look at.
    /// </summary>
    public static ClientPresence? Watch(ConnectionContext connection, TimeProvider time) =>
        connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket ? new ClientPresence(connection, socket, time) : null;

    /// <summary>That of a request's connection; null = none is kept.</summary>
    public static ClientPresence? Of(HttpContext http) => http.Features.Get<ClientPresence>();

    /// <summary>The request has arrived whole and is worked on; nothing of its answer has left.</summary>
    public void Await(HttpContext http) => Volatile.Write(ref _state, HttpProtocol.IsHttp10(http.Request.Protocol) ? Mute : Waiting);

    /// <summary>Call before anything of the answer leaves: from now on nothing gets in between. A stream gives itself as <paramref name="heartbeat"/>.</summary>
    public void BeginAnswer(IHeartbeat? heartbeat = null)
    {
        _heartbeat = heartbeat;
        var before = Interlocked.CompareExchange(ref _state, Silent, Waiting);
        if (before is Mute)
        {
            Volatile.Write(ref _state, Silent);
        }
        else if (before is Speaking)
        {
            // No longer than a few bytes take to be copied.
            SpinWait.SpinUntil(() => Volatile.Read(ref _state) is not Speaking);
        }
    }

    /// <summary>The request is over, answered or not.</summary>
    public void EndAnswer() => BeginAnswer();

    public void Dispose()
    {
        _isOver = true;
        _closed.Dispose();
        _looks?.Dispose();
    }

    private void NoteEnd()
    {
        // Reset, or closed by ourselves.
        if (!_socket.Connected)
        {
            _gone.Cancel();
            return;
        }

        _looks = _time.CreateTimer(static state => ((ClientPresence)state!).Look(), this, FirstLook, Timeout.InfiniteTimeSpan);
        if (_isOver)
        {
            _looks.Dispose();
        }
    }

    private void Look()
    {
        if (_isOver)
        {
            return;
        }

        if (IsReset() || !Speak())
        {
            _gone.Cancel();
            return;
        }

        _looks?.Change(_pause, Timeout.InfiniteTimeSpan);
        _pause = _pause < LongestPause / 2 ? 2 * _pause : LongestPause;
    }

    // What a reset leaves behind is an error of the socket, which stays until it is used.
    private bool IsReset()
    {
        try
        {
            return !_socket.Connected || _socket.Poll(0, SelectMode.SelectError);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Says what may be said, once a request. False = the client waits, and could not be told anything.</summary>
    private bool Speak()
    {
        switch (Interlocked.CompareExchange(ref _state, Speaking, Waiting))
        {
            case Waiting:
                SayInterim();
                Volatile.Write(ref _state, Silent);
                _pause = SecondLook;
                return true;
            case Mute:
                return false;
            default:
                if (_heartbeat is { } heartbeat)
                {
                    _heartbeat = null;
                    _pause = SecondLook;
                    heartbeat.BeatSoon();
                }

                return true;
        }
    }

    private void SayInterim()
    {
        try
        {
#pragma warning disable CA2012 // Copied before it returns. Whoever writes next waits until it has left; waiting here would be in the way of that.
            _ = _output.WriteAsync(Interim);
#pragma warning restore CA2012
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or SocketException or OperationCanceledException)
        {
            // The connection was closed meanwhile, which the next look shows.
        }
    }
}
