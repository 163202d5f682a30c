using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Tools;
using Synthwave.Strategies.MixtureOfAgents;
using Synthwave.Telemetry.Reports;
using Synthwave.UnitTests.Chat.Compaction;
using Synthwave.UnitTests.Chat.Tools;
using Synthwave.Upstreams;

namespace Synthwave.UnitTests.Strategies.MixtureOfAgents;

public class DraftTests
{
    [Fact]
    public void An_empty_draft_is_eight_bytes_long() => Make("").Length.Should().Be(8);

    [Fact]
    public void A_text_is_its_bytes_and_eight() => Make(" a\n\n é ").Length.Should().Be(4 + 8);

    [Fact]
    public void A_call_counts_in_canonical_form() => Make("", """f:{"b":1, "a":"é"}""").Length.Should().Be(47);

    [Fact]
    public void Equal_drafts_differ_in_nothing_that_matters() =>
        Make("a  b", """f:{"a":1.0}""", "g").Signature.Should().Be(Make(" a b", "g", """f:{"a": 1}""").Signature);

    [Fact]
    public void Drafts_with_the_same_text_and_other_calls_are_not_equal() => Make("a", "f").Signature.Should().NotBe(Make("a").Signature);

    [Fact]
    public void Equal_drafts_have_equal_hashes_within_a_request_only()
    {
        var first = DraftSignature.Hashes([Make("a", "f").Rendered, Make("a", "f").Rendered, Make("a").Rendered]);
        var second = DraftSignature.Hashes([Make("a", "f").Rendered]);

        first[0].Should().Be(first[1]).And.NotBe(first[2]).And.MatchRegex("^[0-9a-f]{16}$");
        second[0].Should().NotBe(first[0]);
    }

    [Fact]
    public void A_synthesizer_reads_the_calls_behind_the_text() => Make("text", """f:{"b":1,"a":2}""").Text.Should().Be("""
        text
        proposed calls: [["f", "{\"a\": 2, \"b\": 1}"]]
        """);

    [Theory]
    [InlineData("2", 1)]
    [InlineData("  3\nbecause", 2)]
    [InlineData("Candidate 2 is best", 1)]
    [InlineData("**1**", 0)]
    [InlineData("0", null)]
    [InlineData("4", null)]
    [InlineData("-1", null)]
    [InlineData("none", null)]
    [InlineData("", null)]
    [InlineData("99999999999999", null)]
    [InlineData("first\n2", null)]
    public void A_verdict_is_a_number_in_its_first_line(string verdict, int? index) => Verdict.Read(verdict, 3).Should().Be(index);

    [Fact]
    public void Samples_count_on_from_the_clients_seed() =>
        Enumerable.Range(0, 3).Select(i => Seed("""{"seed":41}""", i)).Should().Equal("41", "42", "43");

    [Fact]
    public void Samples_without_a_clients_seed_get_one_each_drawn_for_the_request()
    {
        var seeds = Enumerable.Range(0, 3).Select(i => Seed("{}", i)).ToArray();

        seeds.Should().OnlyHaveUniqueItems();
        seeds.Should().AllSatisfy(s => long.Parse(s!, System.Globalization.CultureInfo.InvariantCulture).Should().BeInRange(0, int.MaxValue));
        Seed("{}", 0, "another").Should().NotBe(seeds[0]);
    }

    [Theory]
    [InlineData("\"x\"")]
    [InlineData("1.5")]
    public void A_seed_that_is_no_integer_is_left_to_the_upstream(string seed) => Seed($$"""{"seed":{{seed}}}""", 1).Should().Be(seed);

    [Fact]
    public void A_seed_at_the_end_of_its_range_does_not_overflow() => Seed("""{"seed":9223372036854775807}""", 2).Should().Be("9223372036854775805");

    [Fact]
    public void A_reply_that_was_read_is_not_read_again()
    {
        var read = CompletionReader.Read("""{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}]}"""u8.ToArray())!;
        var reply = new CompleteUpstreamReply(200, "nobody looks here"u8.ToArray())
        {
            Completion = read,
            Call = new CallReport(CallRole.Generator, "a", "m", 0),
        };

        var draft = DraftReader.Read(
            reply, new SilentUpstream("a", 1000, 100), "a", rescue: true, ToolContract.WithoutTools, Ensemble.Dispatch(new Talk().Say("user", "q").Json)).Draft!;

        draft.Visible.Should().Be("Hi.");
        draft.Reply.Completion.Should().BeSameAs(read);
    }

    private static string? Seed(string body, int sample, string nonce = "n") =>
        SampleSeed.Apply(ChatBody.FromJson(Encoding.UTF8.GetBytes(body)), sample, nonce).TryGet("seed", out var seed) ? Encoding.UTF8.GetString(seed.Span) : null;

    private static Draft Make(string text, params string[] calls) => new()
    {
        Label = "a",
        Upstream = null!, // No test here asks for it.
        Reply = null!,
        Visible = text,
        Calls = ToolSamples.Calls(calls),
    };
}
