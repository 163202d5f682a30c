using Synthwave.Sse;
using Synthwave.TestKit;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Sse;

public sealed class SseEventReaderTests
{
    private const string Mixed =
        "\uFEFFdata: one\n\n: hello\n\ndata:two\r\n\r\nevent: x\r\ndata: a\r\ndata:  b\r\n\r\ndata: öλ😀\rid: 7\r\r\n\ndata\n\ndata: last\n: note\n\n";

    private static readonly string[] MixedEvents =
        ["Data one", "Comment ", "Data two", "Data a\n b", "Data öλ😀", "Empty ", "Comment ", "Data last"];

    private static async Task<(List<string> Events, SseEnd End)> ReadAsync(byte[] bytes, int[] cuts, int limit = SseEventReader.DefaultMaxEventBytes)
    {
        using var reader = new SseEventReader(new PortionStream(bytes, cuts), limit);
        var events = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            events.Add($"{reader.Kind} {Text(reader.Data)}");
        }

        return (events, reader.End);
    }

    [Fact]
    public async Task What_is_hidden_is_overwritten_wherever_the_bytes_are_cut()
    {
        var bytes = Utf8("data: sk-1234sk-1234 sk-123\n\ndata: 4 and sk-1234\n\n");

        for (var cut = 0; cut < bytes.Length; cut++)
        {
            using var reader = new SseEventReader(new PortionStream([.. bytes], [cut])) { Hidden = "sk-1234"u8.ToArray() };
            var events = new List<string>();
            while (await reader.ReadAsync(CancellationToken.None))
            {
                events.Add(Text(reader.Data));
            }

            events.Should().Equal(["************** sk-123", "4 and *******"], "cut at {0}", cut);
        }
    }

    [Fact]
    public async Task Events_are_the_same_wherever_the_bytes_are_cut()
    {
        var bytes = Utf8(Mixed);

        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var (events, end) = await ReadAsync(bytes, [cut]);

            // A lone CR ends an event at once; the LF right after it may then be a blank line or the rest of a line end.
            events.Where(e => e != "Empty ").Should().Equal(MixedEvents.Where(e => e != "Empty "), "cut at {0}", cut);
            end.Should().Be(SseEnd.Complete);
        }
    }

    [Fact]
    public async Task Events_are_the_same_byte_by_byte()
    {
        var bytes = Utf8(Mixed);

        var (events, _) = await ReadAsync(bytes, [.. Enumerable.Range(1, bytes.Length)]);

        events.Where(e => e != "Empty ").Should().Equal(MixedEvents.Where(e => e != "Empty "));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Raw_bytes_joined_are_the_stream_at_every_cut(string lineEnd)
    {
        var bytes = Utf8($"data: one\n\n: c\n\ndata: a\ndata: b\n\ndata: three\n\n".Replace("\n", lineEnd, StringComparison.Ordinal));

        for (var cut = 0; cut < bytes.Length; cut++)
        {
            using var reader = new SseEventReader(new PortionStream(bytes, cut));
            var raw = new List<byte>();
            while (await reader.ReadAsync(CancellationToken.None))
            {
                Text(reader.Raw).Should().EndWith(lineEnd + lineEnd);
                raw.AddRange(reader.Raw.ToArray());
            }

            raw.Should().Equal(bytes, "cut at {0}", cut);
        }
    }

    [Fact]
    public async Task A_single_data_line_is_a_slice_of_the_raw_event()
    {
        using var reader = new SseEventReader(new MemoryStream(Utf8("event: x\ndata: {}\n\n")));

        await reader.ReadAsync(CancellationToken.None);

        reader.Raw.Span.Overlaps(reader.Data.Span, out var offset).Should().BeTrue();
        offset.Should().Be("event: x\ndata: ".Length);
    }

    [Fact]
    public async Task A_further_complete_event_is_seen_without_losing_the_current_one()
    {
        using var reader = new SseEventReader(new MemoryStream(Utf8("data: a\ndata: b\n\ndata: c\n\ndata: d")));

        await reader.ReadAsync(CancellationToken.None);

        Text(reader.Data).Should().Be("a\nb");
        reader.TryRead().Should().BeTrue();
        Text(reader.Data).Should().Be("c");
        reader.TryRead().Should().BeFalse();
        Text(reader.Data).Should().Be("c");
        reader.End.Should().Be(SseEnd.None);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task A_last_event_without_the_blank_line_is_told_as_one_that_may_be_cut(string lineEnd)
    {
        using var reader = new SseEventReader(new MemoryStream(Utf8("data: a\n\ndata: {\"x\"" + lineEnd)));

        (await reader.ReadAsync(CancellationToken.None)).Should().BeTrue();
        reader.IsUnended.Should().BeFalse();
        (await reader.ReadAsync(CancellationToken.None)).Should().BeTrue();

        Text(reader.Data).Should().Be("{\"x\"");
        Text(reader.Raw).Should().StartWith("data: {\"x\"").And.EndWith("\n");
        reader.IsUnended.Should().BeTrue();
        (await reader.ReadAsync(CancellationToken.None)).Should().BeFalse();
        reader.End.Should().Be(SseEnd.Complete);
    }

    [Theory]
    [InlineData("event: x")]
    [InlineData(": comment\n")]
    [InlineData("dat")]
    public async Task A_stream_that_stops_inside_an_event_without_data_is_truncated(string rest)
    {
        var (events, end) = await ReadAsync(Utf8("data: a\n\n" + rest), []);

        events.Should().Equal("Data a");
        end.Should().Be(SseEnd.Truncated);
    }

    [Theory]
    [InlineData("data: [DONE]")]
    [InlineData("data: [DONE]\n")]
    [InlineData("data:[DONE]\r\n")]
    [InlineData("data: [DONE]\r")]
    public async Task The_sentinel_needs_no_blank_line(string tail)
    {
        var (events, end) = await ReadAsync(Utf8("data: a\n\n" + tail), []);

        events.Should().Equal("Data a", "Data [DONE]");
        end.Should().Be(SseEnd.Complete);
    }

    [Fact]
    public async Task An_event_over_the_limit_ends_the_reading()
    {
        var (events, end) = await ReadAsync(Utf8("data: small\n\ndata: " + new string('x', 100_000) + "\n\ndata: after\n\n"), [], limit: 50_000);

        events.Should().Equal("Data small");
        end.Should().Be(SseEnd.TooLarge);
    }

    [Fact]
    public async Task A_large_event_within_the_limit_is_read_whole()
    {
        var text = new string('x', 1_000_000);

        var (events, end) = await ReadAsync(Utf8($"data: {text}\n\n"), [.. Enumerable.Range(1, 1000).Select(i => i * 999)]);

        events.Should().Equal("Data " + text);
        end.Should().Be(SseEnd.Complete);
    }

    [Fact]
    public async Task Endless_comments_come_out_one_by_one()
    {
        var (events, _) = await ReadAsync(Utf8(string.Concat(Enumerable.Repeat(": ping\n\n", 10_000))), []);

        events.Should().HaveCount(10_000).And.OnlyContain(e => e == "Comment ");
    }

    [Fact]
    public async Task Waiting_for_an_event_holds_no_buffer()
    {
        var stream = new PortionStream(Utf8("data: a\n\ndata: b\n\n"), "data: a\n\n".Length);
        using var reader = new SseEventReader(stream);

        await reader.ReadAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);

        stream.ZeroByteReads.Should().Be(2);
    }

    [Fact]
    public async Task Events_are_read_without_allocating()
    {
        using var reader = new SseEventReader(new MemoryStream(Utf8(string.Concat(Enumerable.Repeat("data: {\"a\":1}\n\n", 2000)))));
        await reader.ReadAsync(CancellationToken.None);
        while (reader.TryRead())
        {
        }

        await reader.ReadAsync(CancellationToken.None);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 400 && reader.TryRead(); i++)
        {
        }

        // A collection meanwhile counts the rest of the thread's 8 KB allocation buffer; one smallest object an event would be more.
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(400 * 24);
    }
}
