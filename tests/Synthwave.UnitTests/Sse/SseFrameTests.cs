using System.Buffers;
using System.Text;
using Synthwave.Sse;

namespace Synthwave.UnitTests.Sse;

public sealed class SseFrameTests
{
    [Fact]
    public void A_payload_is_one_line_however_it_was_written()
    {
        var payload = "{\"a\":\n1,\r\n\"b\":2}"u8;
        var output = new ArrayBufferWriter<byte>();

        SseFrame.Write(payload, output);

        Encoding.UTF8.GetString(output.WrittenSpan).Should().Be("data: {\"a\": 1,  \"b\":2}\n\n");
        output.WrittenSpan.ToArray().Should().Equal(SseFrame.Wrap(payload));
    }
}
