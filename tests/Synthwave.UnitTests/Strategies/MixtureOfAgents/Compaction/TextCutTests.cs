using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Json;
using Synthwave.Strategies.MixtureOfAgents.Compaction;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Strategies.MixtureOfAgents.Compaction;

public sealed class TextCutTests
{
    [Fact]
    public void Text_that_fits_is_written_as_it_stands()
    {
        Cut("caf\\u00e9 \\n", 7).Should().Be("caf\\u00e9 \\n");
    }

    [Fact]
    public void Middle_is_left_out_and_counted()
    {
        var text = JsonSerializer.Deserialize<string>($"\"{Cut(new string('a', 500) + new string('b', 500), 100)}\"")!;

        text.Should().MatchRegex("^a+\n\\[\\.\\.\\. (\\d+) bytes left out \\.\\.\\.\\]\nb+$");
        text.Length.Should().BeInRange(99, 100);
        int.Parse(text.Split(' ')[1], null).Should().Be(1000 - text.Count(c => c == 'a') - text.Count(c => c == 'b') + "bytes".Count(c => c == 'b'));
    }

    [Fact]
    public void Any_text_cut_anywhere_is_whole_characters_within_the_limit_and_almost_fills_it()
    {
        Seeded.Run(1000, random =>
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60, 400)).Select(_ => Pick(random)));
            var encoder = random.Next(2) == 0 ? JavaScriptEncoder.Default : JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            var raw = JsonEncodedText.Encode(text, encoder).EncodedUtf8Bytes.ToArray();
            var bytes = Encoding.UTF8.GetByteCount(text);
            var most = random.Next(TextCut.LongestMark, bytes + 20);

            var cut = JsonSerializer.Deserialize<string>($"\"{Cut(Encoding.UTF8.GetString(raw), most)}\"")!;

            var length = Encoding.UTF8.GetByteCount(cut);
            length.Should().BeLessThanOrEqualTo(Math.Max(most, TextCut.LongestMark));
            cut.Should().NotContain("\uFFFD");
            if (bytes <= most)
            {
                cut.Should().Be(text);
                return;
            }

            var mark = cut.IndexOf("\n[... ", StringComparison.Ordinal);
            var end = cut.LastIndexOf(" bytes left out ...]\n", StringComparison.Ordinal);
            text.Should().StartWith(cut[..mark]).And.EndWith(cut[(end + " bytes left out ...]\n".Length)..]);
            length.Should().BeGreaterThan(most - 12);
        });
    }

    private static string Pick(Random random) => random.Next(6) switch
    {
        0 => "é",
        1 => "漢",
        2 => "😀",
        3 => "\n",
        4 => "\"",
        _ => "a",
    };

    private static string Cut(string raw, int most)
    {
        var output = new ArrayBufferWriter<byte>();
        var utf8 = Encoding.UTF8.GetBytes(raw);
        TextCut.Write(output, utf8, JsonMeasure.Utf8Length(utf8), most);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
