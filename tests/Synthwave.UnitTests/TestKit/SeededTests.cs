using Synthwave.TestKit;

namespace Synthwave.UnitTests.TestKit;

public sealed class SeededTests
{
    [Fact]
    public void Failure_names_a_seed_that_fails_again()
    {
        var failing = () => Seeded.Run(100, random => random.Next(10).Should().NotBe(3));

        var seed = int.Parse(failing.Should().Throw<InvalidOperationException>().Which.Message.Split('=')[1].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);

        new Random(seed).Next(10).Should().Be(3);
    }

    [Fact]
    public void Random_json_is_json() => Seeded.Run(1000, random =>
    {
        System.Text.Json.JsonElement.Parse(RandomJson.ObjectText(random)).ValueKind.Should().Be(System.Text.Json.JsonValueKind.Object);
    });

    [Fact]
    public void Quoted_text_reads_as_itself() => Seeded.Run(1000, random =>
    {
        var text = RandomText.Valid(random);

        System.Text.Json.JsonElement.Parse(RandomJson.Quoted(random, text)).GetString().Should().Be(text);
    });

    [Fact]
    public Task Capture_finds_the_events_of_a_stream_cut_anywhere() => Seeded.RunAsync(500, async random =>
    {
        var stream = RandomSse.Create(random);

        var capture = await SseCapture.ReadAsync(new PortionedStream(RandomText.Cut(random, stream.Bytes)));

        capture.Events.Select(e => (e.Event!, e.Text)).Should().Equal(stream.Events);
        capture.Comments.Select(c => c.Text).Should().Equal(stream.Comments.Select(c => c.StartsWith(' ') ? c[1..] : c));
    });

    private sealed class PortionedStream(IReadOnlyList<byte[]> portions) : MemoryStream
    {
        private int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_next == portions.Count)
            {
                return new(0);
            }

            var portion = portions[_next++];
            portion.CopyTo(buffer);
            return new(portion.Length);
        }
    }
}
