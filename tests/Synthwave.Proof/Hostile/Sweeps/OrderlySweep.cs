using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>Nothing hostile: requests in order to upstreams in order, some of them slow, for what must go on beside everything else.</summary>
internal sealed class OrderlySweep : ISweep
{
    public string Name => "orderly";

    public int Concurrency => 24;

    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        var door = random.Pick(Door.All);
        var post = new HostileBody(door.Body(random.Pick(Door.Models), random.Next(3) > 0, random.Once(3) ? UpstreamCall.Slow : UpstreamCall.Plain, number), "Content-Type: application/json\r\n", "in order").Post(door.Path, HostileTarget.Token);
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken);
        await connection.SendAsync(post, cancellationToken);
        var ending = AnswerCheck.Judge(await connection.Reader.AnswerAsync(toHead: false, cancellationToken), post, target.HasFailingUpstreams);
        return ending.Problem is null ? ending : ending with { Outcome = "BAD " + ending.Outcome };
    }
}
