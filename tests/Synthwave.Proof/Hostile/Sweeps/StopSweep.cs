using System.Text;
using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Processes;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>SIGTERM to a process of its own in the middle of clients that neither speak nor read nor leave: it ends within drain, grace and a second, with exit code 0.</summary>
internal sealed class StopSweep(HostileUpstream upstream) : ISweep
{
    private const int LargestReply = 64;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Allowed = Grace + TimeSpan.FromSeconds(1);

    // Looked at further, so that the report says whether it ends at all.
    private static readonly TimeSpan LookedAt = TimeSpan.FromSeconds(6);

    private delegate Task<RawConnection> Client(Uri address, Random random, CancellationToken cancellationToken);

    private static readonly IReadOnlyList<(string Name, Client Join)> Clients =
    [
        ("silent", static (address, _, token) => RawConnection.ConnectAsync(address, token)),
        ("half a head", static (address, _, token) => SayingAsync(address, "GET /v1/models HTTP/1.1\r\nHost: 127"u8.ToArray(), token)),
        ("half a body", static (address, random, token) => SayingAsync(address, Post(random, UpstreamCall.Plain, stream: false)[..^40], token)),
        ("unread document", static (address, random, token) => SayingAsync(address, Post(random, UpstreamCall.Huge, stream: false, "a"), token)),
        ("unread stream", static (address, random, token) => SayingAsync(address, Post(random, UpstreamCall.Huge, stream: true, "a"), token)),
        ("unread pipeline", static (address, _, token) => SayingAsync(address, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {HostileTarget.Token}\r\n\r\n", 200))), token)),
        ("stream", static (address, random, token) => SayingAsync(address, Post(random, UpstreamCall.Slow, stream: true), token)),
        ("silent upstream", static (address, random, token) => SayingAsync(address, Post(random, UpstreamCall.Silent, stream: random.Once(2)), token)),
        ("kept connection", static async (address, _, token) =>
        {
            var connection = await SayingAsync(address, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray(), token);
            await connection.Reader.AnswerAsync(toHead: false, token);
            return connection;
        }),
    ];

    public string Name => "stops";

    public int Concurrency => 1;

    public TimeSpan Patience => TimeSpan.FromMinutes(2);

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        var clients = Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Pick(Clients)).ToList();

        // Every kind once alone, in the first inputs.
        clients = number < Clients.Count ? [Clients[(int)number]] : clients;
        await using var gateway = await ChildGateway.StartAsync(HostileTarget.Toml(upstream.BaseUrl, "drain_secs = 0\nshutdown_grace_secs = 1\n", LargestReply), cancellationToken);
        var joined = new List<RawConnection>();
        try
        {
            foreach (var (_, join) in clients)
            {
                joined.Add(await join(gateway.Address, random, cancellationToken));
            }

            await Task.Delay(random.Next(20, 400), cancellationToken);
            await gateway.TerminateAsync();
            var took = await gateway.WhenExitedAsync(LookedAt);
            var problem = took is not { } time ? FormattableString.Invariant($"still there {LookedAt.TotalSeconds} s after SIGTERM")
                : gateway.ExitCode != 0 ? FormattableString.Invariant($"exit code {gateway.ExitCode}")
                : time > Allowed ? FormattableString.Invariant($"ended later than {Allowed.TotalSeconds} s after SIGTERM\n{time.TotalSeconds:0.0} s")
                : gateway.Failures is [var failure, ..] ? $"an exception logged while stopping\n{failure}"
                : null;
            return new(problem is null ? "ended" : "BAD", problem, default) { Made = string.Join(", ", clients.Select(static c => c.Name)) };
        }
        finally
        {
            joined.ForEach(static c => c.Dispose());
        }
    }

    private static byte[] Post(Random random, string word, bool stream, string? model = null)
    {
        var door = Door.All[random.Next(4)];
        return new HostileBody(door.Body(model ?? random.Pick(Door.Models), stream, word, 1), "Content-Type: application/json\r\n", "in order").Post(door.Path, HostileTarget.Token);
    }

    private static async Task<RawConnection> SayingAsync(Uri address, byte[] bytes, CancellationToken cancellationToken)
    {
        var connection = await RawConnection.ConnectAsync(address, cancellationToken, receiveBuffer: 4096);
        await connection.SendAsync(bytes, cancellationToken);
        return connection;
    }
}
