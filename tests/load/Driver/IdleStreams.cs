namespace Synthwave.Load.Driver;

/// <summary>Streams held open on connections of their own until disposed; heartbeats are read and forgotten.</summary>
internal sealed class IdleStreams(Uri url, string token) : IAsyncDisposable
{
    private const int OpenedAtOnce = 32;
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(60);

    private readonly HttpMessageInvoker _client = Loopback.NewClient();
    private readonly CancellationTokenSource _closing = new();
    private readonly byte[] _body = Payloads.Request(SimulationFile.Stalled, stream: true, 1024);
    private readonly List<Task> _readers = [];

    /// <summary>Opens so many more and returns when each has got its first text.</summary>
    public async Task OpenAsync(int count, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(OpenLimit);
        try
        {
            for (var opened = 0; opened < count;)
            {
                var batch = Math.Min(OpenedAtOnce, count - opened);
                _readers.AddRange(await Task.WhenAll(Enumerable.Range(0, batch).Select(_ => OpenOneAsync(limit.Token))));
                opened += batch;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeasurementException($"{_readers.Count} of {count} streams gave their first text within {OpenLimit.TotalSeconds:0} s");
        }
    }

    public void ThrowIfAnyEnded()
    {
        var ended = _readers.Count(reader => reader.IsCompleted);
        if (ended > 0)
        {
            throw new MeasurementException($"{ended} of {_readers.Count} idle streams did not stay open");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_readers);
        _client.Dispose();
        _closing.Dispose();
    }

    /// <summary>Completes with the task that reads on once the first text is there.</summary>
    private async Task<Task> OpenOneAsync(CancellationToken cancellationToken)
    {
        var request = StreamProbe.NewRequest(url, _body, token);
        var response = await _client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new MeasurementException($"an idle stream was answered with {(int)response.StatusCode}");
        }

        // A small buffer: the client holds 1,000 of them.
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var (buffer, filled) = (new byte[4096], 0);
        while (!SseEvent.HasContent(buffer.AsSpan(0, filled)))
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            filled += read > 0 ? read : throw new MeasurementException("an idle stream ended before its first text");
        }

        return ReadOnAsync(request, response, stream, buffer);
    }

    private async Task ReadOnAsync(HttpRequestMessage request, HttpResponseMessage response, Stream stream, byte[] buffer)
    {
        using (request)
        using (response)
        {
            try
            {
                while (await stream.ReadAsync(buffer, _closing.Token) > 0)
                {
                }
            }
            catch (OperationCanceledException)
            {
                // Closed on purpose.
            }
            catch (IOException)
            {
                // Ended early: the completed task says so.
            }
        }
    }
}
