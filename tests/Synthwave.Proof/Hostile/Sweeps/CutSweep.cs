using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>Clients that leave: in the middle of what they say, before the answer, or in the middle of it; politely or not.</summary>
internal sealed class CutSweep : ISweep
{
    public string Name => "cuts";

    public int Concurrency => 16;

    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        var door = Door.All[random.Next(4)];
        var word = random.Pick([UpstreamCall.Slow, UpstreamCall.Slow, UpstreamCall.Plain, UpstreamCall.Large, UpstreamCall.Silent]);
        var post = new HostileBody(door.Body(random.Pick(Door.Models), random.Next(4) > 0, word, number), "Content-Type: application/json\r\n", "in order").Post(door.Path, HostileTarget.Token);
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken);
        if (random.Once(4))
        {
            var sent = random.Next(post.Length);
            await connection.SendAsync(post.AsMemory(0, sent), cancellationToken);
            await LeaveAsync(connection, random, cancellationToken);
            return new("left while asking", null, post);
        }

        await connection.SendAsync(post, cancellationToken);
        var left = random.Next(4) switch { 0 => 0, 1 => random.Next(200), 2 => random.Next(2_000), _ => random.Next(60_000) };
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(TimeSpan.FromMilliseconds(random.Next(1, 500)));
        var read = 0;
        try
        {
            while (read < left && await connection.Reader.SkipAsync(16, quiet.Token))
            {
                read += 16;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It leaves now.
        }

        await LeaveAsync(connection, random, cancellationToken);
        return new(read == 0 ? "left before the answer" : "left in the answer", null, post);
    }

    private static async Task LeaveAsync(RawConnection connection, Random random, CancellationToken cancellationToken)
    {
        if (random.Once(3))
        {
            await Task.Delay(random.Next(10), cancellationToken);
        }

        connection.Leave(reset: random.Once(2));
    }
}
