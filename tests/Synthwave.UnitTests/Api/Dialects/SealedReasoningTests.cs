using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Api.Dialects.Responses;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Dialects;

public class SealedReasoningTests
{
    [Fact]
    public void What_was_sealed_comes_back() => Seeded.Run(200, random =>
    {
        var text = JsonEncodedText.Encode(RandomText.Valid(random)).EncodedUtf8Bytes.ToArray();
        var output = new ArrayBufferWriter<byte>();
        SealedReasoning.Write(text, output);

        SealedReasoning.TryOpen(output.WrittenSpan, out var opened).Should().BeTrue();
        opened.Should().Equal(text);
    });

    [Theory]
    [InlineData("")]
    [InlineData("gAAAAABfromelsewhere")]
    [InlineData("synthwave_!!!")]
    [InlineData("synthwave_Ig==")]
    [InlineData("synthwave_IiwieCI6Ig==")]
    [InlineData("synthwave_/w==")]
    public void What_was_not_sealed_here_says_nothing(string content) => SealedReasoning.TryOpen(Encoding.UTF8.GetBytes(content), out _).Should().BeFalse();
}
