using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Calls;

/// <summary>
/// One HTTP request and its reply: sent, its head judged, its body buffered, streamed or given up. The connection is given back or closed on every
/// path; only a stream leaves it open, for its receiver to dispose. Thread-safe.
/// </summary>
internal sealed class HttpExchange(UpstreamConfig config, UpstreamEndpoint endpoint, IUpstreamProtocol protocol, UpstreamContext context, long maxReplyBytes)
{
    private const int MaxErrorBytes = 64 * 1024;

    private static readonly TimeSpan ErrorBodyLimit = TimeSpan.FromSeconds(5);

    private readonly Uri _chat = endpoint.At(protocol.CallPath);

    /// <summary>Whether the upstream can be asked for this at all.</summary>
    public bool Speaks(UpstreamOperation operation) => UriOf(operation) is not null;

    /// <summary>Sends <paramref name="body"/>, already prepared. Throws only on cancellation by the caller's token.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UpstreamReply> SendAsync(CallInFlight call, ChatBody body, UpstreamOperation operation, bool stream, UpstreamSecrets secrets)
    {
        call.Report.Attempts++;
        using var request = UpstreamRequest.Create(HttpMethod.Post, UriOf(operation)!, endpoint, config, operation.IsRelayed() ? UpstreamProtocols.OpenAi : protocol, secrets, new BodyContent(body));
        call.Clock.StartWait(config.FirstByteTimeout);
        HttpResponseMessage response;
        try
        {
            response = await call.Invoker.SendAsync(request, call.Clock.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (TransportFault.From(e, call.Clock, null) is { } fault)
        {
            return call.Judge(new FaultedUpstreamReply(fault));
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamReply> ReadAsync(CallInFlight call, HttpResponseMessage response, UpstreamOperation operation, bool stream)
    {
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode && !operation.IsRelayed())
        {
            return new FaultedUpstreamReply(await ReadErrorAsync(call, response).ConfigureAwait(false));
        }

        var isEvents = IsEvents(response.Content.Headers);
        if (IsEncoded(response.Content.Headers) || (isEvents && !stream))
        {
            return Fault(UpstreamFaultKind.Malformed, status);
        }

        var body = await response.Content.ReadAsStreamAsync(call.Clock.Token).ConfigureAwait(false);
        if (isEvents)
        {
            return new StreamingUpstreamReply(new UpstreamEventStream(call, response, body, protocol, config.Name, config.IdleTimeout));
        }

        if (await ReplyBody.ReadAsync(body, response.Content.Headers.ContentLength, maxReplyBytes, call.Clock.Token).ConfigureAwait(false) is not { } bytes)
        {
            return Fault(UpstreamFaultKind.TooLarge, status);
        }

        // The content type is not asked: local servers answer good JSON as text, and broken proxies answer HTML as JSON.
        if (operation.IsRelayed())
        {
            return new CompleteUpstreamReply(status, bytes);
        }

        var reading = operation switch
        {
            UpstreamOperation.Chat => protocol.ReadReply(status, bytes, call.Asked),
            UpstreamOperation.Completions => ReadCompletions(status, bytes),
            _ => ReadEmbeddings(status, bytes),
        };
        call.Report.ResponseModel = reading.Model;
        call.Report.Usage = reading.Usage;
        call.Report.FinishReason = reading.FinishReason;
        return reading.Reply;
    }

    private static ProtocolReply ReadCompletions(int status, ReadOnlyMemory<byte> bytes) => TextCompletionReply.Read(bytes) is { } found
        ? new ProtocolReply(new CompleteUpstreamReply(status, bytes)) { Model = found.Model, Usage = found.Usage }
        : new ProtocolReply(Fault(UpstreamFaultKind.Malformed, status));

    private static ProtocolReply ReadEmbeddings(int status, ReadOnlyMemory<byte> bytes) => EmbeddingsReply.Read(bytes.Span) is { } found
        ? new ProtocolReply(new CompleteUpstreamReply(status, bytes)) { Model = found.Model, Usage = found.Usage }
        : new ProtocolReply(Fault(UpstreamFaultKind.Malformed, status));

    private Uri? UriOf(UpstreamOperation operation) => operation switch
    {
        UpstreamOperation.Chat => _chat,
        UpstreamOperation.Embeddings => protocol.EmbeddingsPath is { } embeddings ? endpoint.At(embeddings) : null,
        UpstreamOperation.Completions => protocol.CompletionsPath is { } path ? endpoint.At(path) : null,
        UpstreamOperation.Detokenize => endpoint.BesideVersion("/detokenize"),
        _ => endpoint.BesideVersion("/tokenize"),
    };

    // An error is worth a short wait for its text, no more: its status says the most.
    private async ValueTask<UpstreamFault> ReadErrorAsync(CallInFlight call, HttpResponseMessage response)
    {
        using var limit = new CancellationTokenSource(ErrorBodyLimit, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, call.Clock.Token);
        var text = ReadOnlyMemory<byte>.Empty;
        try
        {
            if (!IsEncoded(response.Content.Headers))
            {
                var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
                (text, _) = await ReplyBody.ReadUpToAsync(body, MaxErrorBytes, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!call.Clock.IsCancelled)
        {
            text = default;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            text = default;
        }

        return protocol.ReadError((int)response.StatusCode, text) with { RetryAfter = RetryAfterHeader.Read(response.Headers, context.Time.GetUtcNow()) };
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

    private static bool IsEncoded(HttpContentHeaders headers) => headers.NonValidated.Contains("Content-Encoding") && headers.ContentEncoding.Any(e => !string.Equals(e, "identity", StringComparison.OrdinalIgnoreCase));

    private static FaultedUpstreamReply Fault(UpstreamFaultKind kind, int status) => new(new UpstreamFault(kind) { Status = status });
}
