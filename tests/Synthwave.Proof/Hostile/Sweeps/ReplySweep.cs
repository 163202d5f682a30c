using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>Requests in order to upstreams that are not.</summary>
internal sealed class ReplySweep(HostileUpstream upstream) : ISweep
{
    public string Name => "replies";

    // Some of them only end by the clock.
    public int Concurrency => 48;

    public TimeSpan Patience => TimeSpan.FromSeconds(12);

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        var door = random.Once(3) ? random.Pick(Door.All) : Door.All[random.Next(3)];
        var isStream = random.Next(3) > 0;
        var model = random.Pick(Door.Models);
        var post = new HostileBody(door.Body(model, isStream, UpstreamCall.Odd, number), "Content-Type: application/json\r\n", "in order").Post(door.Path, HostileTarget.Token);
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken);
        await connection.SendAsync(post, cancellationToken);
        var answer = await connection.Reader.AnswerAsync(toHead: false, cancellationToken);
        var said = upstream.Said(number);
        var ending = AnswerCheck.Judge(answer, post, upstreamFails: true, mayBeRelayed: door.Path is "/tokenize");
        return ending.Problem is null ? ending : ending with { Outcome = "BAD " + ending.Outcome, Made = $"{door.Path} to {model}{(isStream ? ", streamed" : "")}\n  {said}" };
    }
}
