using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>Request bodies at every POST door, on connections that are used again and again, so that an answer that is one request late shows. Disposing closes them.</summary>
internal sealed partial class BodySweep : ISweep, IDisposable
{
    private readonly ConcurrentBag<RawConnection> _idle = [];

    public string Name => "bodies";

    public int Concurrency => 24;

    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        var door = random.Pick(Door.All);
        var body = HostileBody.Draw(random, door.Body(random.Pick(Door.Models), random.Once(2), UpstreamCall.Plain, number));
        var post = body.Post(door.Path, HostileTarget.Token);

        // A kept connection may be closed by the other side at any time; a fresh one may not.
        var isFresh = !_idle.TryTake(out var connection);
        connection ??= await RawConnection.ConnectAsync(target.Address, cancellationToken);
        try
        {
            await connection.SendAsync(post, cancellationToken);
            var answer = await connection.Reader.AnswerAsync(toHead: false, cancellationToken);
            if (answer is null && !isFresh)
            {
                connection.Dispose();
                connection = await RawConnection.ConnectAsync(target.Address, cancellationToken);
                await connection.SendAsync(post, cancellationToken);
                answer = await connection.Reader.AnswerAsync(toHead: false, cancellationToken);
            }

            var ending = AnswerCheck.Judge(answer, post, target.HasFailingUpstreams);
            if (ending.Problem is null && answer is not null && body.HasPrompt && Mixed(answer, number) is { } mixed)
            {
                ending = ending with { Problem = $"an answer to another request\n{mixed}" };
            }

            if (answer is { KeepsOpen: true } && connection.Reader.Waiting == 0)
            {
                _idle.Add(connection);
                connection = null;
            }
            else if (connection.Reader.Waiting > 0 && ending.Problem is null)
            {
                ending = ending with { Problem = "bytes behind the answer" };
            }

            return ending with { Outcome = ending.Problem is null ? ending.Outcome : "BAD " + ending.Outcome };
        }
        finally
        {
            connection?.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection))
        {
            connection.Dispose();
        }
    }

    private static string? Mixed(HttpMessage answer, long number) =>
        Numbers.Match(answer.Text) is { Success: true } match && match.Groups["number"].Value != number.ToString(System.Globalization.CultureInfo.InvariantCulture) ? match.Value : null;

    [GeneratedRegex(@"answer to (?<number>\d+)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers { get; }
}
