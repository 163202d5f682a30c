using System.Diagnostics;
using System.Net.Http.Headers;

namespace Synthwave.Load.Driver;

/// <summary>When the content events of one stream arrived, in milliseconds.</summary>
/// <param name="FirstContent">From the send to the first event with visible text.</param>
/// <param name="Gaps">Between one content event and the next; none when the stream had one.</param>
internal sealed record StreamTiming(double FirstContent, double[] Gaps)
{
    /// <summary>Mean time between events.</summary>
    public double Pace => Gaps.Length == 0 ? double.NaN : Gaps.Average();
}

/// <summary>A streaming client that only looks at the clock: one request at a time over one kept connection.</summary>
internal sealed class StreamProbe(HttpMessageInvoker client, string token)
{
    private readonly byte[] _buffer = new byte[256 * 1024];

    /// <summary>Sends a streamed request and reads it to its end. Fails when the stream has no content or does not end in <c>[DONE]</c>.</summary>
    public async Task<StreamTiming> RunAsync(Uri url, byte[] body, CancellationToken cancellationToken)
    {
        using var request = NewRequest(url, body, token);
        var arrivals = new List<long>(Payloads.StreamEvents);
        var sent = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);

        var (parsed, filled, done) = (0, 0, false);
        int read;
        while ((read = await stream.ReadAsync(_buffer.AsMemory(filled), cancellationToken)) > 0)
        {
            var now = Stopwatch.GetTimestamp();
            filled += read;
            int end;
            while ((end = _buffer.AsSpan(parsed, filled - parsed).IndexOf("\n\n"u8)) >= 0)
            {
                var kind = SseEvent.Classify(_buffer.AsSpan(parsed, end));
                done |= kind == SseEventKind.Done;
                parsed += end + 2;
                if (kind == SseEventKind.Content)
                {
                    arrivals.Add(now);
                }
            }

            if (filled == _buffer.Length)
            {
                throw new MeasurementException($"a stream longer than {_buffer.Length} bytes is none of ours");
            }
        }

        if (!response.IsSuccessStatusCode || arrivals.Count == 0 || !done)
        {
            throw new MeasurementException($"{url.AbsolutePath} answered {(int)response.StatusCode} with {arrivals.Count} content events{(done ? string.Empty : ", not finished")}");
        }

        var gaps = arrivals.Zip(arrivals.Skip(1), Milliseconds).ToArray();
        return new StreamTiming(Milliseconds(sent, arrivals[0]), gaps);
    }

    public static HttpRequestMessage NewRequest(Uri url, byte[] body, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
}
