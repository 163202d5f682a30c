using System.Buffers;
using System.Globalization;
using System.Text;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>Makes a fault happen on the wire.</summary>
internal static class FaultPlayer
{
    private const int Block = 16 * 1024;

    private static readonly byte[] Filler = [.. Enumerable.Range(0, Block).Select(i => i % 8 == 7 ? (byte)' ' : (byte)('a' + (i % 26)))];

    /// <summary>The first byte of a two-byte sequence, followed by something else.</summary>
    private static ReadOnlySpan<byte> NotUtf8 => [(byte)'c', (byte)'a', (byte)'f', 0xC3, (byte)'('];

    public static Task PlayAsync(SimulatedFault fault, ChatTurn turn) => fault.Kind switch
    {
        SimulatedFaultKind.Refuse => Refuse(turn),
        SimulatedFaultKind.Status => StatusAsync(fault, turn.Http),
        SimulatedFaultKind.Stall => StallAsync(fault, turn),
        SimulatedFaultKind.Reset => ResetAsync(fault, turn),
        SimulatedFaultKind.Trickle => TrickleAsync(fault, turn),
        SimulatedFaultKind.Endless => EndlessAsync(turn),
        SimulatedFaultKind.BadJson => BadJsonAsync(fault, turn),
        SimulatedFaultKind.BadSse => BadSseAsync(turn),
        SimulatedFaultKind.WrongType => PlainAsync(turn.Http, 200, "text/html; charset=utf-8", "<!doctype html><html><body><h1>Sign in</h1></body></html>"),
        SimulatedFaultKind.Empty => EmptyAsync(turn),
        SimulatedFaultKind.EmptyBody => PlainAsync(turn.Http, 200, turn.Facts.Stream ? Wire.EventStream : Wire.Json, ""),
        SimulatedFaultKind.InvalidUtf8 => InvalidUtf8Async(fault, turn),
        SimulatedFaultKind.Redirect => RedirectAsync(fault, turn.Http),
        SimulatedFaultKind.EarlyClose => PartAsync(new HttpWire(turn.Http), fault, turn),
        SimulatedFaultKind.Huge => HugeAsync(fault, turn),
        SimulatedFaultKind.JsonForStream => (turn with { Facts = turn.Facts with { Stream = false } }).AnswerAsync(new HttpWire(turn.Http)),
        SimulatedFaultKind.WrongLength => WrongLengthAsync(turn),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "unknown fault kind"),
    };

    /// <summary>An error status, also for endpoints that are no chat call.</summary>
    public static Task StatusAsync(SimulatedFault fault, HttpContext http)
    {
        var status = fault.Status ?? StatusCodes.Status500InternalServerError;
        if (fault.RetryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (fault.Body is not { } body)
        {
            return ErrorReply.WriteAsync(http, status, $"simulated status {status.ToString(CultureInfo.InvariantCulture)}", "simulated_fault");
        }

        return PlainAsync(http, status, body.AsSpan().TrimStart().StartsWith('{') ? Wire.Json : "text/plain; charset=utf-8", body);
    }

    private static Task Refuse(ChatTurn turn)
    {
        new RawWire(turn.Http).Close();
        return Task.CompletedTask;
    }

    private static async Task StallAsync(SimulatedFault fault, ChatTurn turn)
    {
        if (fault.AfterTokens is not null)
        {
            await PartAsync(new HttpWire(turn.Http), fault, turn);
        }

        await turn.WaitForeverAsync();
    }

    private static async Task ResetAsync(SimulatedFault fault, ChatTurn turn)
    {
        var wire = new RawWire(turn.Http);
        await PartAsync(wire, fault, turn);
        wire.Reset();
    }

    /// <summary>The head and a part of the answer: so many tokens, or half of the JSON.</summary>
    private static async Task PartAsync(Wire wire, SimulatedFault fault, ChatTurn turn)
    {
        if (turn.Facts.Stream)
        {
            await turn.StreamTokensAsync(wire, fault.AfterTokens ?? 0);
            return;
        }

        var whole = new ArrayBufferWriter<byte>();
        turn.Frames.Completion(whole, turn.Answer, turn.Usage);
        await turn.WaitForAsync(0);
        wire.Head(StatusCodes.Status200OK, Wire.Json);
        wire.Buffer.Write(whole.WrittenSpan[..(whole.WrittenCount / 2)]);
        await wire.FlushAsync(turn.Gone);
    }

    private static async Task TrickleAsync(SimulatedFault fault, ChatTurn turn)
    {
        var opening = new ArrayBufferWriter<byte>();
        OpenString(opening, turn);
        var wire = new HttpWire(turn.Http);
        await turn.WaitForAsync(0);
        wire.Head(StatusCodes.Status200OK, turn.Facts.Stream ? Wire.EventStream : Wire.Json);
        for (var i = 0L; ; i++)
        {
            var next = i < opening.WrittenCount ? opening.WrittenSpan[(int)i] : Filler[i % Block];
            wire.Buffer.Write([next]);
            await wire.FlushAsync(turn.Gone);
            await turn.Pace.DelayAsync(fault.Interval, turn.Gone);
        }
    }

    private static async Task EndlessAsync(ChatTurn turn)
    {
        var wire = new HttpWire(turn.Http);
        if (turn.Facts.Stream)
        {
            var quoted = JsonText.Quote(" on and on");
            await turn.StreamTokensAsync(wire, int.MaxValue);
            for (var token = turn.Answer.Tokens; ; token++)
            {
                await turn.WaitForAsync(token);
                turn.Frames.Content(wire.Buffer, quoted);
                await wire.FlushAsync(turn.Gone);

                // A fast reader would otherwise keep this thread for ever.
                await Task.Yield();
            }
        }

        await turn.WaitForAsync(0);
        wire.Head(StatusCodes.Status200OK, Wire.Json);
        turn.Frames.OpenText(wire.Buffer);
        for (; ; )
        {
            wire.Buffer.Write(Filler);
            await wire.FlushAsync(turn.Gone);
            await Task.Yield();
        }
    }

    private static async Task BadJsonAsync(SimulatedFault fault, ChatTurn turn)
    {
        var wire = new HttpWire(turn.Http);
        if (!turn.Facts.Stream)
        {
            await PartAsync(wire, fault, turn);
            return;
        }

        await turn.StreamTokensAsync(wire, fault.AfterTokens ?? 0);
        turn.Frames.Open(wire.Buffer);
        wire.Buffer.Write("\"content\":\n\n"u8);
        await turn.StreamEndAsync(wire);
    }

    private static Task BadSseAsync(ChatTurn turn) =>
        PlainAsync(turn.Http, 200, Wire.EventStream, "once upon a time\nthere was a proxy {\"choices\":[]}\ndata\n<eof>\n\n\0\0\n\n");

    private static async Task EmptyAsync(ChatTurn turn)
    {
        var empty = PreparedAnswer.From(SimulatedModel.Saying(turn.Facts.Model, ""), SimulatedAnswer.Of(""));
        await (turn with { Answer = empty }).AnswerAsync(new HttpWire(turn.Http));
    }

    private static async Task InvalidUtf8Async(SimulatedFault fault, ChatTurn turn)
    {
        var wire = new HttpWire(turn.Http);
        if (turn.Facts.Stream)
        {
            await turn.StreamTokensAsync(wire, fault.AfterTokens ?? 0);
            turn.Frames.Content(wire.Buffer, [(byte)'"', .. NotUtf8, (byte)'"']);
            await turn.StreamEndAsync(wire);
            return;
        }

        await turn.WaitForAsync(0);
        wire.Head(StatusCodes.Status200OK, Wire.Json);
        turn.Frames.OpenText(wire.Buffer);
        wire.Buffer.Write(NotUtf8);
        ChatFrames.CloseText(wire.Buffer);
        await wire.FlushAsync(turn.Gone);
    }

    private static Task RedirectAsync(SimulatedFault fault, HttpContext http)
    {
        http.Response.StatusCode = fault.Status ?? StatusCodes.Status302Found;
        http.Response.Headers.Location = fault.Location ?? $"{http.Request.Scheme}://{http.Request.Host}/elsewhere";
        return Task.CompletedTask;
    }

    private static async Task HugeAsync(SimulatedFault fault, ChatTurn turn)
    {
        var wire = new HttpWire(turn.Http);
        await turn.WaitForAsync(0);
        wire.Head(StatusCodes.Status200OK, turn.Facts.Stream ? Wire.EventStream : Wire.Json);
        OpenString(wire.Buffer, turn);
        for (var left = fault.Bytes; left > 0; left -= Block)
        {
            wire.Buffer.Write(Filler.AsSpan(0, (int)Math.Min(left, Block)));
            await wire.FlushAsync(turn.Gone);

            // Writes to a client that has gone end at once: without a pause all would be written before the news of its leaving gets a thread.
            await Task.Yield();
        }

        if (!turn.Facts.Stream)
        {
            ChatFrames.CloseText(wire.Buffer);
            await wire.FlushAsync(turn.Gone);
            return;
        }

        wire.Buffer.Write("\""u8);
        turn.Frames.Close(wire.Buffer);
        await turn.StreamEndAsync(wire);
    }

    private static async Task WrongLengthAsync(ChatTurn turn)
    {
        var whole = new ArrayBufferWriter<byte>();
        if (turn.Facts.Stream)
        {
            turn.Frames.Role(whole, nullContent: false);
            foreach (var piece in turn.Answer.TextTokens)
            {
                turn.Frames.Content(whole, piece);
            }
        }
        else
        {
            turn.Frames.Completion(whole, turn.Answer, turn.Usage);
        }

        var wire = new RawWire(turn.Http);
        await turn.WaitForAsync(0);
        wire.Head(StatusCodes.Status200OK, turn.Facts.Stream ? Wire.EventStream : Wire.Json, whole.WrittenCount + 64);
        wire.Buffer.Write(whole.WrittenSpan);
        await wire.FlushAsync(turn.Gone);
        wire.Close();
    }

    /// <summary>Up to the inside of the text's string: of the answer, or of one event.</summary>
    private static void OpenString(IBufferWriter<byte> to, ChatTurn turn)
    {
        if (!turn.Facts.Stream)
        {
            turn.Frames.OpenText(to);
            return;
        }

        turn.Frames.Open(to);
        to.Write("\"content\":\""u8);
    }

    private static async Task PlainAsync(HttpContext http, int status, string contentType, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var wire = new HttpWire(http);
        wire.Head(status, contentType, bytes.Length);
        wire.Buffer.Write(bytes);
        await wire.FlushAsync(http.RequestAborted);
    }
}
