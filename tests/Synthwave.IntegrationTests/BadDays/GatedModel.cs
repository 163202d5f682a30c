using System.Globalization;
using System.Text;
using Synthwave.IntegrationTests.Upstreams;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>
/// A streaming model that waits before its head, and again between its first and its last token, until the test lets it go on. Says <c>first last</c>.
/// </summary>
internal sealed class GatedModel : IAsyncDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begin = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RawUpstream _server;

    public GatedModel() => _server = new RawUpstream(ServeAsync);

    public string BaseUrl => _server.BaseUrl;

    /// <summary>Completes when a chat call has arrived.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Whether the last token has been sent.</summary>
    public bool HasFinished { get; private set; }

    /// <summary>Lets the head and the first token go.</summary>
    public void Begin() => _begin.TrySetResult();

    /// <summary>Lets the rest go.</summary>
    public void Finish() => _finish.TrySetResult();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(RawCall call)
    {
        if (!call.Head.StartsWith("POST", StringComparison.Ordinal))
        {
            await call.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            return;
        }

        _asked.TrySetResult();
        await _begin.Task.WaitAsync(call.Stop);
        await call.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk(Event("first ", "null")));
        await _finish.Task.WaitAsync(call.Stop);
        HasFinished = true;
        await call.SendAsync(Chunk(Event("last", "\"stop\"") + "data: [DONE]\n\n") + "0\r\n\r\n");
    }

    private static string Event(string content, string finish) =>
        $"data: {{\"id\":\"g\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gated\",\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"{content}\"}},\"finish_reason\":{finish}}}]}}\n\n";

    private static string Chunk(string data) => string.Create(CultureInfo.InvariantCulture, $"{Encoding.Latin1.GetByteCount(data):x}\r\n{data}\r\n");
}
