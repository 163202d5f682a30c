using System.Buffers;


namespace Synthwave.Simulation;

/// <summary>One chat call being answered.</summary>
internal sealed record ChatTurn(HttpContext Http, ChatCallFacts Facts, PreparedAnswer Answer, ChatFrames Frames, Pace Pace, SimulatedUsage Usage)
{
    private const int TokensPerFlush = 64;

    /// <summary>Cancelled when the client goes away or the server stops.</summary>
    public CancellationToken Gone => Http.RequestAborted;

    /// <summary>The answer as it should be.</summary>
    public async Task AnswerAsync(Wire wire)
    {
        if (Answer.Replay is { } replay)
        {
            await ReplayAsync(wire, replay);
            return;
        }

        if (!Facts.Stream)
        {
            await WaitForAsync(Math.Max(0, Answer.Tokens - 1));
            Frames.Completion(wire.Buffer, Answer, Usage);
            wire.Head(StatusCodes.Status200OK, Wire.Json, wire.Buffer.WrittenCount);
            await wire.FlushAsync(Gone);
            return;
        }

        await StreamTokensAsync(wire, int.MaxValue);
        await StreamEndAsync(wire);
    }

    /// <summary>Head, role chunk and at most <paramref name="limit"/> tokens, flushed.</summary>
    public async Task StreamTokensAsync(Wire wire, int limit)
    {
        var token = 0;
        await WaitForAsync(0);
        wire.Head(StatusCodes.Status200OK, Wire.EventStream);
        Frames.Role(wire.Buffer, Answer.NullRoleContent);
        foreach (var piece in Answer.ReasoningTokens)
        {
            if (!await NextAsync())
            {
                return;
            }

            Frames.Reasoning(wire.Buffer, piece);
        }

        foreach (var piece in Answer.TextTokens)
        {
            if (!await NextAsync())
            {
                return;
            }

            Frames.Content(wire.Buffer, piece);
        }

        for (var call = 0; call < Answer.ToolCalls.Length; call++)
        {
            Frames.ToolCall(wire.Buffer, call, Answer.ToolCalls[call]);
            foreach (var piece in Answer.ArgumentTokens[call])
            {
                if (!await NextAsync())
                {
                    return;
                }

                Frames.ToolArguments(wire.Buffer, call, piece);
            }
        }

        await wire.FlushAsync(Gone);

        async ValueTask<bool> NextAsync()
        {
            if (token == limit)
            {
                await wire.FlushAsync(Gone);
                return false;
            }

            var wait = Pace.UntilToken(token);
            if (wait > TimeSpan.Zero)
            {
                await wire.FlushAsync(Gone);
                await Pace.DelayAsync(wait, Gone);
            }
            else if (token % TokensPerFlush == TokensPerFlush - 1)
            {
                await wire.FlushAsync(Gone);
            }

            token++;
            return true;
        }
    }

    /// <summary>Finish reason, usage if it was asked for, and <c>[DONE]</c>.</summary>
    public async Task StreamEndAsync(Wire wire)
    {
        Frames.Finish(wire.Buffer, Answer.FinishReason);
        if (Frames.IncludesUsage)
        {
            Frames.Usage(wire.Buffer, Usage);
        }

        ChatFrames.Done(wire.Buffer);
        await wire.FlushAsync(Gone);
    }

    private async Task ReplayAsync(Wire wire, SimulatedReplay replay)
    {
        await WaitForAsync(0);
        wire.Head(replay.Status, replay.ContentType);
        foreach (var portion in replay.Portions)
        {
            wire.Buffer.Write(portion.Span);
            await wire.FlushAsync(Gone);
            if (replay.Pause > TimeSpan.Zero)
            {
                await Pace.DelayAsync(replay.Pause, Gone);
            }
        }

        await wire.FlushAsync(Gone);
    }

    /// <summary>Until token <paramref name="index"/> is due.</summary>
    public Task WaitForAsync(int index)
    {
        var wait = Pace.UntilToken(index);
        return wait > TimeSpan.Zero ? Pace.DelayAsync(wait, Gone) : Task.CompletedTask;
    }

    /// <summary>Until the client goes away or the server stops.</summary>
    public Task WaitForeverAsync() => Pace.DelayAsync(Timeout.InfiniteTimeSpan, Gone);
}
