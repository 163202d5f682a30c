using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Sse;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Calls;

/// <summary>
/// One HTTP request and its reply: sent, its head judged, its body buffered, streamed or given up. The connection is given back or closed on every
/// path; only a stream leaves it open, for its receiver to dispose. Thread-safe.
/// </summary>
internal sealed class HttpExchange(UpstreamConfig config, UpstreamEndpoint endpoint, IUpstreamProtocol protocol, UpstreamContext context, ReplyLimits limits)
{
    private const int MaxErrorBytes = 64 * 1024;

    // Longer than the way to an upstream and back, which is what it takes to learn that a kept connection is dead; shorter than any work worth its price.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ErrorBodyLimit = TimeSpan.FromSeconds(5);

    private const int LeastOwnKey = 12;

    private readonly Uri _chat = endpoint.At(protocol.CallPath);

    private volatile OwnKey? _ownKey;

    /// <summary>Whether the upstream can be asked for this at all.</summary>
    public bool Speaks(UpstreamOperation operation) => UriOf(operation) is not null;

    /// <summary>Sends <paramref name="body"/>, already prepared. Throws only on cancellation by the caller's token.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UpstreamReply> SendAsync(CallInFlight call, ChatBody body, UpstreamOperation operation, bool stream, UpstreamSecrets secrets)
    {
        call.Report.Attempts++;
        call.OwnKey = OwnKeyOf(secrets);
        var content = new BodyContent(body, context.Time);
        using var request = UpstreamRequest.Create(HttpMethod.Post, UriOf(operation)!, endpoint, config, operation.IsRelayed() ? UpstreamProtocols.OpenAi : protocol, secrets, content, call.Caller);
        if (call.Given is { } given)
        {
            protocol.Address(request, given, config);
        }

        call.Clock.StartWait(config.FirstByteTimeout);
        HttpResponseMessage response;
        try
        {
            response = await call.Invoker.SendAsync(request, call.Clock.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (TransportFault.From(e, call.Clock, null) is { } fault)
        {
            return call.Judge(new FaultedUpstreamReply(fault with { WasWorkedOn = WasWorkedOn(request, content.SentAt) }));
        }
        finally
        {
            call.Clock.StopWait();
        }

        call.Report.Status = (int)response.StatusCode;
        call.Report.FirstByteAt = context.Time.GetTimestamp();
        var isKept = false;
        try
        {
            var reply = await ReadAsync(call, response, operation, stream).ConfigureAwait(false);
            isKept = reply is StreamingUpstreamReply;
            return call.Judge(reply);
        }
        catch (Exception e) when (TransportFault.From(e, call.Clock, (int)response.StatusCode) is { } fault)
        {
            return call.Judge(new FaultedUpstreamReply(fault));
        }
        finally
        {
            if (!isKept)
            {
                response.Dispose();
            }
        }
    }

    private bool WasWorkedOn(HttpRequestMessage request, long? sentAt) =>
        sentAt is { } since && (UpstreamConnection.WasOpenedFor(request) || context.Time.GetElapsedTime(since) >= AtOnce);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamReply> ReadAsync(CallInFlight call, HttpResponseMessage response, UpstreamOperation operation, bool stream)
    {
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode && !(operation.IsRelayed() && status is >= 400 and < 600))
        {
            return new FaultedUpstreamReply(await ReadErrorAsync(call, response).ConfigureAwait(false));
        }

        if (status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            // Nothing can stand behind such a head, here or where it would be relayed to.
            return Fault(UpstreamFaultKind.Malformed, status);
        }

        if (await ReplyEncoding.ReadAsync(response.Content, call.Clock.Token).ConfigureAwait(false) is not { } body)
        {
            return Fault(UpstreamFaultKind.Malformed, status);
        }

        // Read by what it is, not by what it is called: local servers send events as text, good JSON as events, and broken proxies HTML as JSON.
        var length = ReplyEncoding.IsEncoded(response.Content.Headers) ? null : response.Content.Headers.ContentLength;
        var isEvents = IsEvents(response.Content.Headers);
        if ((stream && (!isEvents || length is not null)) || (!stream && isEvents))
        {
            var sniffed = await SniffAsync(call, body).ConfigureAwait(false);
            (body, length, isEvents) = (sniffed, null, sniffed.IsEvents || (isEvents && !sniffed.IsDocument));
        }

        if (isEvents && !stream)
        {
            return operation is UpstreamOperation.Chat ? Note(call, await FoldAsync(call, status, body).ConfigureAwait(false)) : Fault(UpstreamFaultKind.Malformed, status);
        }

        if (isEvents)
        {
            return new StreamingUpstreamReply(new UpstreamEventStream(call, response, body, protocol, config.Name, config.IdleTimeout, context.Time));
        }

        var limit = limits.For(operation, call.Memory);
        var (outcome, bytes) = await WholeBody.ReadAsync(body, length, limit.Bytes, call.Memory, call.Clock.Token).ConfigureAwait(false);
        if (outcome is not BodyOutcome.Whole)
        {
            return outcome is BodyOutcome.TooLarge ? TooLarge(limit, status) : Fault(UpstreamFaultKind.NoMemory, status);
        }

        if (!call.OwnKey.IsEmpty)
        {
            Overwriting.Apply(bytes, call.OwnKey.Span);
        }

        if (operation.IsRelayed())
        {
            return response.IsSuccessStatusCode && IsAnswer(bytes) ? new CompleteUpstreamReply(status, bytes)
                : call.All(bytes) is { } words ? new CompleteUpstreamReply(status, words)
                : Fault(UpstreamFaultKind.Malformed, status);
        }

        var reading = operation is UpstreamOperation.Completions ? ReadCompletions(status, bytes)
            : operation is not UpstreamOperation.Chat ? ReadEmbeddings(status, bytes)
            : SniffedBody.LooksLikeEvents(bytes) ? await FoldAsync(call, status, new MemoryStream(bytes)).ConfigureAwait(false)
            : WholeReply.Read(call, protocol, status, bytes);
        return Note(call, reading);
    }

    private static UpstreamReply Note(CallInFlight call, in ProtocolReply reading)
    {
        call.Report.ResponseModel = reading.Model;
        call.Report.Usage = reading.Usage;
        call.Report.FinishReason = reading.FinishReason;
        return reading.Reply;
    }

    private async ValueTask<SniffedBody> SniffAsync(CallInFlight call, Stream body)
    {
        call.Clock.StartWait(config.IdleTimeout);
        try
        {
            return await SniffedBody.OpenAsync(body, call.Clock.Token).ConfigureAwait(false);
        }
        finally
        {
            call.Clock.StopWait();
        }
    }

    /// <summary>An event stream that nobody asked for, put together.</summary>
    private async ValueTask<ProtocolReply> FoldAsync(CallInFlight call, int status, Stream body)
    {
        var fold = new CompletionFold();
        var limit = limits.For(UpstreamOperation.Chat, call.Memory);
        var left = limit.Bytes;
        var hasContent = false;
        using var events = protocol.ReadEvents(body, call.Asked);
        events.Hide(call.OwnKey);
        while (true)
        {
            switch (events.Read())
            {
                case EventReading.Event when (left -= events.Current.Raw.Length) < 0:
                    return new(TooLarge(limit, status));
                case EventReading.NoMemory:
                case EventReading.Event when !call.Memory.TryTake(events.Current.Raw.Length):
                    return new(Fault(UpstreamFaultKind.NoMemory, status));
                case EventReading.TooLarge:
                    return new(TooLarge(UpstreamEventStream.EventLimit, status));
                case EventReading.Event when events.Current.Kind is StreamEventKind.Error:
                    return new(new FaultedUpstreamReply(call.Understand(events.Current.Data, protocol.ReadErrorEvent) with { WasWorkedOn = hasContent }));
                case EventReading.Event when events.Current.Kind is StreamEventKind.Done:
                    return Whole();
                case EventReading.Event when events.Current.Kind is StreamEventKind.Chunk:
                    fold.Add(events.Current.Data);
                    hasContent |= events.Current.Shape is { Content.IsPresent: true } or { ToolCalls.IsPresent: true } or { HasOtherVisible: true };
                    break;
                case EventReading.Event:
                    break;
                case EventReading.Pending:
                    call.Clock.StartWait(fold.IsWhole && config.IdleTimeout > UpstreamEventStream.Linger ? UpstreamEventStream.Linger : config.IdleTimeout);
                    try
                    {
                        await events.FillAsync(call.Clock.Token).ConfigureAwait(false);
                    }
                    catch (Exception e) when (fold.IsWhole && TransportFault.From(e, call.Clock, status) is not null)
                    {
                        return Whole();
                    }
                    finally
                    {
                        call.Clock.StopWait();
                    }

                    break;
                case EventReading.End or EventReading.Truncated:
                    return fold.IsWhole ? Whole() : new(Fault(fold.IsEmpty ? UpstreamFaultKind.Malformed : UpstreamFaultKind.StreamBroken, status));
                default:
                    return new(Fault(UpstreamFaultKind.Malformed, status));
            }
        }

        ProtocolReply Whole() => UpstreamProtocols.OpenAi.ReadReply(status, fold.ToCompletion(context.Time.GetUtcNow().ToUnixTimeSeconds()));
    }
    private static ProtocolReply ReadCompletions(int status, ReadOnlyMemory<byte> bytes) => TextCompletionReply.Read(bytes) is { } found
        ? new ProtocolReply(new CompleteUpstreamReply(status, bytes)) { Model = found.Model, Usage = found.Usage }
        : new ProtocolReply(Fault(UpstreamFaultKind.Malformed, status));

    private static ProtocolReply ReadEmbeddings(int status, ReadOnlyMemory<byte> bytes) => EmbeddingsReply.Read(bytes.Span) is { } found
        ? new ProtocolReply(new CompleteUpstreamReply(status, bytes) { Embeddings = found }) { Model = found.Model, Usage = found.Usage }
        : new ProtocolReply(Fault(UpstreamFaultKind.Malformed, status));

    private Uri? UriOf(UpstreamOperation operation) => operation switch
    {
        UpstreamOperation.Chat => _chat,
        UpstreamOperation.Embeddings => protocol.EmbeddingsPath is { } embeddings ? endpoint.At(embeddings) : null,
        UpstreamOperation.Completions => protocol.CompletionsPath is { } path ? endpoint.At(path) : null,
        UpstreamOperation.Detokenize => endpoint.BesideVersion("/detokenize"),
        _ => endpoint.BesideVersion("/tokenize"),
    };

    // Looked for in every answer, so that it is made once. A short one, or one of letters alone such as "not-required", may be a part of any text.
    private ReadOnlyMemory<byte> OwnKeyOf(UpstreamSecrets secrets)
    {
        if (config.Credentials.FromCaller || secrets.Key?.Reveal() is not { Length: >= LeastOwnKey } key || !key.AsSpan().ContainsAnyInRange('0', '9'))
        {
            return default;
        }

        if (_ownKey is not { } known || known.Text != key)
        {
            _ownKey = known = new(key, Encoding.UTF8.GetBytes(key));
        }

        return known.Utf8;
    }

    // Under a 200 there may be an error as well, or somebody's page. What a tokenizer says is text of the client, and nothing is replaced in it.
    private static bool IsAnswer(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            return false;
        }

        if (bytes.Span.IndexOf("\"error\""u8) < 0)
        {
            return true;
        }

        using var document = JsonReading.TryDocument(bytes);
        return document is not null && !document.RootElement.Has("error"u8, out _);
    }

    // An error is worth a short wait for its text, no more: its status says the most.
    private async ValueTask<UpstreamFault> ReadErrorAsync(CallInFlight call, HttpResponseMessage response)
    {
        using var limit = new CancellationTokenSource(ErrorBodyLimit, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, call.Clock.Token);
        var text = ReadOnlyMemory<byte>.Empty;
        try
        {
            if (await ReplyEncoding.ReadAsync(response.Content, either.Token).ConfigureAwait(false) is { } body)
            {
                text = await BodyHead.ReadUpToAsync(body, MaxErrorBytes, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!call.Clock.IsCancelled)
        {
            text = default;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            text = default;
        }

        var status = (int)response.StatusCode;
        return call.Understand(text, words => protocol.ReadError(status, words, call.Asked)) with { RetryAfter = RetryAfterHeader.Read(response.Headers, context.Time.GetUtcNow()) };
    }

    // Looked at as they came: reading a media type out of every reply would cost more than the rest of its head.
    private static bool IsEvents(HttpContentHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Content-Type", out var values))
        {
            return false;
        }

        using var each = values.GetEnumerator();
        var type = each.MoveNext() ? each.Current.AsSpan() : default;
        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().Equals("text/event-stream", StringComparison.OrdinalIgnoreCase);
    }

    private static FaultedUpstreamReply TooLarge(SizeLimit limit, int status) => new(new UpstreamFault(UpstreamFaultKind.TooLarge) { Status = status, Limit = limit });

    private static FaultedUpstreamReply Fault(UpstreamFaultKind kind, int status) => new(new UpstreamFault(kind) { Status = status });

    private sealed record OwnKey(string Text, ReadOnlyMemory<byte> Utf8);
}
