using System.Text;
using Synthwave.Json;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public sealed class ReasoningPartsTests
{
    [Theory]
    [InlineData("""[{"type":"reasoning.text","text":"a","index":0}]|[{"type":"reasoning.text","text":"\ud83d","index":0}]|[{"type":"reasoning.text","text":"\ude00","signature":"s","index":0}]""", """[{"type":"reasoning.text","text":"a\ud83d\ude00","index":0,"signature":"s"}]""")]
    [InlineData("""[{"type":"reasoning.text","text":"a","index":0}]|[{"type":"reasoning.text","text":"b","index":1}]""", """[{"type":"reasoning.text","text":"a","index":0},{"type":"reasoning.text","text":"b","index":1}]""")]
    [InlineData("""[{"type":"reasoning.encrypted","data":"1"},{"type":"reasoning.encrypted","data":"2"}]""", """[{"type":"reasoning.encrypted","data":"1"},{"type":"reasoning.encrypted","data":"2"}]""")]
    [InlineData("""[{"type":"thinking","thinking":"12","signature":null}]|[{"type":"thinking","thinking":"","signature":"x"}]""", """[{"type":"thinking","thinking":"12","signature":"x"}]""")]
    [InlineData("""[{"type":"reasoning.summary","summary":"a","text":null}]|[{"type":"reasoning.summary","summary":7}]|[7,null]""", """[{"type":"reasoning.summary","summary":"a","text":null}]""")]
    public void Pieces_become_the_parts_they_are_pieces_of(string events, string expected)
    {
        var parts = new ReasoningParts();
        foreach (var pieces in events.Split('|'))
        {
            parts.Add(JsonReading.Element(Encoding.UTF8.GetBytes(pieces)));
        }

        Encoding.UTF8.GetString(parts.ToJson()).Should().Be(expected);
    }
}
