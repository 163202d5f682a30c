using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Synthwave.TestKit;

/// <summary>An event or comment as it arrived.</summary>
/// <param name="At">Since the capture began.</param>
/// <param name="Event">Event name, <c>message</c> when none is given; null for a comment.</param>
/// <param name="Text">The event's data, or the comment without its colon and one space.</param>
public sealed record SseArrival(TimeSpan At, string? Event, string Text)
{
    public bool IsComment => Event is null;

    public JsonElement Json => JsonElement.Parse(Text);
}

/// <summary>
/// Reads a streamed answer and keeps what arrived and when. An event counts when its blank line is there. A body that breaks off does not throw:
/// <see cref="Broken"/> says so.
/// </summary>
public sealed class SseCapture
{
    private readonly List<SseArrival> _arrivals = [];

    private SseCapture()
    {
    }

    /// <summary>Everything in order of arrival.</summary>
    public IReadOnlyList<SseArrival> Arrivals => _arrivals;

    public IEnumerable<SseArrival> Events => _arrivals.Where(a => !a.IsComment);

    public IEnumerable<SseArrival> Comments => _arrivals.Where(a => a.IsComment);

    /// <summary>Events that carry JSON: all but <c>[DONE]</c>.</summary>
    public IEnumerable<JsonElement> Chunks => Events.Where(e => e.Text != "[DONE]").Select(e => e.Json);

    /// <summary>Whether the last event is <c>[DONE]</c>.</summary>
    public bool Done => Events.LastOrDefault()?.Text == "[DONE]";

    /// <summary>Why the body ended before its end; null = it ended in order.</summary>
    public Exception? Broken { get; private set; }

    /// <summary>Bytes after the last complete event.</summary>
    public string Remainder { get; private set; } = "";

    /// <summary>The content deltas joined.</summary>
    public string Content => string.Concat(Deltas("content"));

    /// <summary>The <c>reasoning_content</c> deltas joined.</summary>
    public string Reasoning => string.Concat(Deltas("reasoning_content"));

    /// <summary>Arrival of the first content that is not empty; null = none came.</summary>
    public TimeSpan? FirstContentAt => Events.FirstOrDefault(e => e.Text != "[DONE]" && Delta(e.Json, "content") is { Length: > 0 })?.At;

    public string? FinishReason => Chunks.Select(Choice).Where(c => c is { } choice && choice.TryGetProperty("finish_reason", out var r) && r.ValueKind is JsonValueKind.String)
        .Select(c => c!.Value.GetProperty("finish_reason").GetString()).LastOrDefault();

    /// <summary>The usage object; null = none came.</summary>
    public JsonElement? Usage => Chunks.Where(c => c.TryGetProperty("usage", out var u) && u.ValueKind is JsonValueKind.Object).Select(c => (JsonElement?)c.GetProperty("usage")).LastOrDefault();

    /// <summary>The error event's <c>error</c> object; null = none came.</summary>
    public JsonElement? Error => Chunks.Where(c => c.TryGetProperty("error", out _)).Select(c => (JsonElement?)c.GetProperty("error")).LastOrDefault();

    /// <summary>Reads to the end. The caller disposes the response.</summary>
    public static async Task<SseCapture> ReadAsync(HttpResponseMessage response, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(response);
        return await ReadAsync(await response.Content.ReadAsStreamAsync(cancellationToken), time, cancellationToken);
    }

    public static async Task<SseCapture> ReadAsync(Stream stream, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        time ??= TimeProvider.System;
        var start = time.GetTimestamp();
        var capture = new SseCapture();
        var parser = new LineParser(capture._arrivals);
        var buffer = new byte[8192];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                parser.Feed(buffer.AsSpan(0, read), time.GetElapsedTime(start));
            }
        }
        catch (IOException e)
        {
            capture.Broken = e;
        }
        catch (HttpRequestException e)
        {
            capture.Broken = e;
        }

        capture.Remainder = parser.Remainder;
        return capture;
    }

    /// <summary>One line each, for a failure message.</summary>
    public override string ToString() =>
        string.Join('\n', _arrivals.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.At.TotalMilliseconds,8:F1} ms {a.Event ?? ":"} {a.Text}")));

    private static JsonElement? Choice(JsonElement chunk) =>
        chunk.TryGetProperty("choices", out var choices) && choices.ValueKind is JsonValueKind.Array && choices.GetArrayLength() > 0 ? choices[0] : null;

    private static string? Delta(JsonElement chunk, string member) =>
        Choice(chunk) is { } choice && choice.TryGetProperty("delta", out var delta) && delta.TryGetProperty(member, out var text) && text.ValueKind is JsonValueKind.String
            ? text.GetString()
            : null;

    private IEnumerable<string?> Deltas(string member) => Chunks.Select(c => Delta(c, member));

    /// <summary>The event stream format, line by line, bytes in any portions.</summary>
    private sealed class LineParser(List<SseArrival> arrivals)
    {
        private readonly List<byte> _line = [];
        private readonly List<string> _data = [];
        private string _event = "message";
        private bool _afterCr;
        private bool _first = true;

        public string Remainder => string.Join('\n', [.. _data.Select(d => "data: " + d), Encoding.UTF8.GetString([.. _line])]).Trim('\n');

        public void Feed(ReadOnlySpan<byte> bytes, TimeSpan at)
        {
            foreach (var b in bytes)
            {
                var endsCrLf = b == '\n' && _afterCr;
                _afterCr = b == '\r';
                if (endsCrLf)
                {
                    continue;
                }

                if (b is (byte)'\n' or (byte)'\r')
                {
                    Line(at);
                    _line.Clear();
                }
                else
                {
                    _line.Add(b);
                }
            }
        }

        private void Line(TimeSpan at)
        {
            var line = Encoding.UTF8.GetString([.. _line]);
            if (_first)
            {
                line = line.TrimStart('\ufeff');
                _first = false;
            }

            if (line.Length == 0)
            {
                if (_data.Count > 0)
                {
                    arrivals.Add(new SseArrival(at, _event, string.Join('\n', _data)));
                }

                _data.Clear();
                _event = "message";
                return;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (colon < 0 ? line : line[..colon])
            {
                case "":
                    arrivals.Add(new SseArrival(at, null, value));
                    break;
                case "data":
                    _data.Add(value);
                    break;
                case "event":
                    _event = value;
                    break;
                default:
                    break;
            }
        }
    }
}
