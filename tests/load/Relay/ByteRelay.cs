using System.Buffers;
using System.Net;

namespace Synthwave.Load.Relay;

/// <summary>
/// The yardstick: the least a .NET process can do to stand between a client and an upstream. POSTs of any path go to the base URL with
/// their body, and status, content type, content length and bytes come back, flushed after every upstream read. With a hold it is a slow
/// upstream instead: no answer begins before the hold is over.
/// </summary>
internal sealed class ByteRelay(Uri upstream, Hold? hold) : IDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly string _base = upstream.AbsoluteUri.TrimEnd('/');

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    });

    public async Task ForwardAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var aborted = context.RequestAborted;
        var held = hold?.WaitAsync() ?? Task.CompletedTask;
        using var request = new HttpRequestMessage(HttpMethod.Post, _base + context.Request.Path + context.Request.QueryString);
        request.Content = new StreamContent(context.Request.Body);
        request.Content.Headers.ContentLength = context.Request.ContentLength;
        request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);

        using var reply = await _client.SendAsync(request, aborted);
        await held;
        context.Response.StatusCode = (int)reply.StatusCode;
        context.Response.ContentType = reply.Content.Headers.ContentType?.ToString();
        context.Response.ContentLength = reply.Content.Headers.ContentLength;

        await using var body = await reply.Content.ReadAsStreamAsync(aborted);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, aborted)) > 0)
            {
                // WriteAsync on the pipe writes and flushes.
                await context.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), aborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _client.Dispose();
}
