using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.TestKit;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public sealed class BodyContentTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public async Task A_body_is_written_as_it_is_and_a_large_one_ends_with_a_short_piece(int length)
    {
        var text = $"{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":\"{new string('x', length)}\"}}]}}";
        using var content = new BodyContent(ChatBody.FromJson(Encoding.UTF8.GetBytes(text)), new ManualTimeProvider());
        using var stream = new Pieces();

        await content.CopyToAsync(stream);

        Encoding.UTF8.GetString(stream.ToArray()).Should().Be(text);
        content.Headers.ContentLength.Should().Be(text.Length);
        stream.Last.Should().BeLessThanOrEqualTo(Math.Max(4096, length < 4096 ? text.Length : 0), "the socket holds on to the array it was given last");
    }

    private sealed class Pieces : MemoryStream
    {
        public int Last { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Last = buffer.Length;
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
