using System.Text;
using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>Too much at once, or too little at a time: pipelined requests, read and unread, crowds of connections, clients that read or write a few bytes now and then.</summary>
internal sealed class FloodSweep : ISweep
{
    public string Name => "floods";

    public int Concurrency => 16;

    public TimeSpan Patience => TimeSpan.FromSeconds(20);

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        return random.Next(6) switch
        {
            0 => await PipelineAsync(target, Get(random.Pick(["/v1/models", "/healthz", "/metrics", "/nothing"])), random.Next(10, 200), cancellationToken),
            1 => await PipelineAsync(target, Post(random, UpstreamCall.Plain, number, stream: random.Once(2)), random.Next(2, 20), cancellationToken),
            2 => await UnreadAsync(target, Get("/metrics"), random.Next(50, 400), cancellationToken),
            3 => await CrowdAsync(target, random.Next(10, 60), cancellationToken),
            4 => await SipAsync(target, Post(random, UpstreamCall.Large, number, stream: random.Once(2)), random, cancellationToken),
            _ => await DripAsync(target, random.Once(2) ? Get("/v1/models") : Post(random, UpstreamCall.Plain, number, stream: false), random, cancellationToken),
        };
    }

    private static byte[] Get(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {HostileTarget.Token}\r\n\r\n");

    private static byte[] Post(Random random, string word, long number, bool stream) =>
        new HostileBody(Door.All[0].Body(random.Pick(Door.Models), stream, word, number), "Content-Type: application/json\r\n", "in order").Post(Door.All[0].Path, HostileTarget.Token);

    private static async Task<Ending> PipelineAsync(HostileTarget target, byte[] request, int times, CancellationToken cancellationToken)
    {
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken);
        var sending = connection.SendAsync(Enumerable.Repeat(request, times).SelectMany(static r => r).ToArray(), cancellationToken).AsTask();
        for (var i = 0; i < times; i++)
        {
            var answer = await connection.Reader.AnswerAsync(toHead: false, cancellationToken);
            if (AnswerCheck.Judge(answer, request, target.HasFailingUpstreams) is { Problem: not null } bad)
            {
                return bad with { Outcome = "BAD pipelined", Problem = $"pipelined: {bad.Problem}" };
            }
        }

        await sending;
        return new("pipelined", connection.Reader.Waiting == 0 ? null : "more answers than requests", request);
    }

    private static async Task<Ending> UnreadAsync(HostileTarget target, byte[] request, int times, CancellationToken cancellationToken)
    {
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken, receiveBuffer: 4096);
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(TimeSpan.FromMilliseconds(300));
        try
        {
            await connection.SendAsync(Enumerable.Repeat(request, times).SelectMany(static r => r).ToArray(), quiet.Token);
            await Task.Delay(50, quiet.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The server takes no more while nobody reads: as it should.
        }

        return new("unread", null, request);
    }

    private static async Task<Ending> CrowdAsync(HostileTarget target, int size, CancellationToken cancellationToken)
    {
        var crowd = await Task.WhenAll(Enumerable.Range(0, size).Select(_ => RawConnection.ConnectAsync(target.Address, cancellationToken)));
        try
        {
            // One among them is served all the same.
            await crowd[size / 2].SendAsync(Get("/healthz"), cancellationToken);
            return AnswerCheck.Judge(await crowd[size / 2].Reader.AnswerAsync(toHead: false, cancellationToken), Get("/healthz")) with { Outcome = "crowd" };
        }
        finally
        {
            foreach (var one in crowd)
            {
                one.Dispose();
            }
        }
    }

    private static async Task<Ending> SipAsync(HostileTarget target, byte[] request, Random random, CancellationToken cancellationToken)
    {
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken, receiveBuffer: 4096);
        await connection.SendAsync(request, cancellationToken);
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(TimeSpan.FromSeconds(1.5));
        try
        {
            while (await connection.Reader.SkipAsync(random.Next(1, 2_000), quiet.Token))
            {
                await Task.Delay(random.Next(1, 30), quiet.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It has had enough.
        }

        return new("slow reader", null, request);
    }

    private static async Task<Ending> DripAsync(HostileTarget target, byte[] request, Random random, CancellationToken cancellationToken)
    {
        using var connection = await RawConnection.ConnectAsync(target.Address, cancellationToken);
        var at = 0;
        for (var i = 0; i < 30; i++)
        {
            var size = Math.Min(request.Length - at - 1, random.Next(1, 12));
            await connection.SendAsync(request.AsMemory(at, size), cancellationToken);
            at += size;
            await Task.Delay(random.Next(1, 8), cancellationToken);
        }

        await connection.SendAsync(request.AsMemory(at), cancellationToken);
        return AnswerCheck.Judge(await connection.Reader.AnswerAsync(toHead: false, cancellationToken), request, target.HasFailingUpstreams) with { Outcome = "slow writer" };
    }
}
