using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>Request heads, framings and whole connections' bytes. Every answer on the connection is read, then the client leaves.</summary>
internal sealed class HeadSweep : ISweep
{
    private const int MostAnswers = 16;

    // A connection that owes no answer is left after this long without a byte.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    public string Name => "heads";

    public int Concurrency => 48;

    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        var request = HostileRequest.Draw(random, HostileTarget.Token, number);
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken);
        await connection.SendAsync(request.Bytes, cancellationToken);
        var outcomes = new List<string>();
        for (var i = 0; i < MostAnswers; i++)
        {
            using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            quiet.CancelAfter(i == 0 && IsWhole(request) ? Timeout.InfiniteTimeSpan : Quiet);
            HttpMessage? answer;
            try
            {
                answer = await connection.Reader.AnswerAsync(request.Bytes.AsSpan().StartsWith("HEAD "u8), quiet.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                outcomes.Add("waits");
                break;
            }

            if (answer is null)
            {
                outcomes.Add("closed");
                break;
            }

            var ending = AnswerCheck.Judge(answer, request.Bytes, target.HasFailingUpstreams, mayBeBare: true);
            if (ending.Problem is { } problem)
            {
                return ending with { Outcome = "BAD " + ending.Outcome, Problem = problem };
            }

            outcomes.Add(ending.Outcome);
            if (!answer.KeepsOpen)
            {
                break;
            }
        }

        return new(outcomes[0], null, request.Bytes);
    }

    // Whether an answer is owed: a GET with nothing odd about its length.
    private static bool IsWhole(HostileRequest request) => request.What is "odd path" or "pipelined";
}
