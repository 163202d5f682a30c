using Synthwave.Chat.Reasoning;
using Synthwave.Configuration;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Reasoning;

public sealed class ReasoningTextTests
{
    /// <summary>Text, what a stream shows of it, and its reasoning.</summary>
    public static TheoryData<string, string, string> LeadingBlocks => new()
    {
        { "<think>a</think>b", "b", "a" },
        { "  \n<THINK>a</Think>\n\nb \n", "b \n", "a" },
        { "<think id='1'>a</think>b", "b", "a" },
        { "<think>a</thinking>b", "b", "a" },
        { "<thinking>a</thinking >b", "b", "a" },
        { "<thought>a</thought>b", "b", "a" },
        { "<reasoning>a</think></reasoning>b", "b", "a</think>" },
        { "<think>a</think> <think>c</think> b", "b", "ac" },
        { "<think>a<think>b</think>c</think>d", "c</think>d", "a<think>b" },
        { "<think>ran out", "", "ran out" },
        { "<think>ran out</thin", "", "ran out</thin" },
        { "<think/>hello", "hello", "" },
        { "◁think▷ a ◁/think▷ b", "b", " a " },
        { "◁ think ▷a◁ / think▷b", "b", "a" },
        { "◁think▷ unclosed", "", " unclosed" },
        { "<|begin_of_thought|>t<|end_of_thought|>\n<|begin_of_solution|>\nsol<|end_of_solution|>", "sol", "t" },
        { "<|begin_of_thought|>t<|begin_of_solution|>sol", "sol", "t" },
        { "<|begin_of_thought|>t", "", "t" },
        { "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>Yes.", "Yes.", "a" },
        { "<|channel|>analysis<|message|>a<|end|>", "", "a" },
        { "<|start|>assistant<|channel|>analysis<|message|>a < b<|end|><|start|>assistant<|channel|>final <|message|> Yes.<|return|>", "Yes.", "a < b" },
        { "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"x\":1}<|call|>", "", "" },
        { "<|start|>assistant to=functions.f<|channel|>commentary<|message|>{}<|call|><|channel|>final<|message|>x", "x", "" },
        { "<|start|>assistant<|message|>plain <|message|> text", "plain <|message|> text", "" },
        { "<|channel|>final<|message|>unclosed <|en", "unclosed <|en", "" },
        { "<|channel|>analysis<|message|>a<|channel|>final<|message|>b", "b", "a" },
    };

    public static TheoryData<string> Untouched =>
    [
        "", " ", "hello", "  no angle here  ", "Use a < b comparison and 3 > 2 logic here.", "  if a < b:\n    pass\n", "<thinker>x</thinker>y",
        "<think-foo>x", "<b>bold</b> text", "Use the `<think>` tag for <think>this</think>.", "<root><analysis>k</analysis><v>1</v></root>",
        "<", "<thi", "◁", "Here's my thinking:\nfoo\n\nAnswer:\nX", "<|endoftext|>x", "<scratchpad>x</scratchpad>y", "\t<html>\n",
    ];

    [Theory]
    [MemberData(nameof(LeadingBlocks))]
    public void A_leading_block_is_taken_out_wherever_the_text_is_cut(string text, string visible, string reasoning)
    {
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second += 3)
            {
                var result = Filter([text[..first], text[first..second], text[second..]]);

                result.Visible.Should().Be(visible, "cut at {0} and {1}", first, second);
                result.Reasoning.Should().Be(reasoning, "cut at {0} and {1}", first, second);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Untouched))]
    public void Text_without_a_leading_block_is_untouched_wherever_it_is_cut(string text)
    {
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var result = Filter([text[..cut], text[cut..]]);

            result.Visible.Should().Be(text, "cut at {0}", cut);
            result.Filter.HasRemoved.Should().BeFalse();
        }

        ReasoningText.Strip(text, ReasoningStrip.Leading).Visible.Should().BeSameAs(text);
    }

    [Fact]
    public void Any_text_of_marks_gives_the_same_in_pieces_as_in_one()
    {
        string[] marks =
        [
            "<think>", "</think>", "<thinking a='b'>", "</thinking >", "◁think▷", "◁/think▷", "<|begin_of_thought|>", "<|end_of_thought|>", "<|begin_of_solution|>",
            "<|end_of_solution|>", "<|start|>", "<|channel|>", "<|message|>", "<|end|>", "final", "analysis", "assistant", " to=f", "<|constrain|>", " ", "\n", "a", "<", "/", "é😀", "<|",
        ];
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 3000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => marks[random.Next(marks.Length)]));
            var isPrefilled = random.Next(4) == 0;

            var whole = Filter([text], isPrefilled);
            var pieces = Filter(Cut(text, random), isPrefilled);

            pieces.Visible.Should().Be(whole.Visible, "seed {0}, text {1}", seed, text);
            pieces.Reasoning.Should().Be(whole.Reasoning, "seed {0}, text {1}", seed, text);
            pieces.Filter.HasRemoved.Should().Be(whole.Filter.HasRemoved, "seed {0}, text {1}", seed, text);
        }
    }

    [Fact]
    public void At_most_a_mark_is_held_back()
    {
        var filter = new LeadingReasoningFilter();
        var sink = new System.Buffers.ArrayBufferWriter<char>();
        foreach (var c in "<think>" + new string('<', 5000) + "</thin </think>" + new string('x', 1000))
        {
            filter.Feed([c], sink, sink);

            filter.HeldLength.Should().BeLessThanOrEqualTo(ReasoningTags.MaxLength);
        }

        filter.IsPassing.Should().BeTrue();
    }

    [Theory]
    [InlineData("plan </think> answer", "answer", "plan")]
    [InlineData("text\n</think>\n\nFinal.", "Final.", "text")]
    [InlineData("hm ◁/think▷x", "x", "hm")]
    public void A_lone_closing_tag_counts_in_a_finished_text(string text, string visible, string reasoning)
    {
        ReasoningText.Strip(text, ReasoningStrip.Leading).Should().Be(new StrippedText(visible, reasoning));
    }

    [Theory]
    [InlineData("Close it with `</think>` please.")]
    [InlineData("Use:\n```html\n<think>x</think>\n</think>\n```\nDone.")]
    [InlineData("First <think>open</think> then text")]
    [InlineData("``a`</think>`` b")]
    public void A_closing_tag_in_code_or_after_its_opening_one_does_not(string text)
    {
        ReasoningText.Strip(text, ReasoningStrip.Leading).Visible.Should().BeSameAs(text);
    }

    [Theory]
    [InlineData("plan</think>answer", "answer", "plan")]
    [InlineData("<think>plan</think>\nanswer ", "answer ", "plan")]
    [InlineData("never closed", "", "never closed")]
    public void A_prefilled_block_runs_to_its_closing_tag(string text, string visible, string reasoning)
    {
        ReasoningText.Strip(text, ReasoningStrip.Prefilled).Should().Be(new StrippedText(visible, reasoning));
    }

    [Theory]
    [InlineData("<think>a</think>b", "b")]
    [InlineData("<THINK>a</Think>b", "b")]
    [InlineData("<think id='1'>a</think>b", "b")]
    [InlineData("<think>a</thinking>b", "b")]
    [InlineData("<think>a<think>b</think>c</think>d", "d")]
    [InlineData("text\n</think>\n\nFinal.", "Final.")]
    [InlineData("x </think> y </analysis> z", "z")]
    [InlineData("<think>ran out", "")]
    [InlineData("a <thought>b", "a")]
    [InlineData("<think/>hello", "")]
    [InlineData("<think-foo>x</think>y", "y")]
    [InlineData("<thinker>x</thinker>y", "<thinker>x</thinker>y")]
    [InlineData("Use a < b comparison and 3 > 2 logic here.", "Use a < b comparison and 3 > 2 logic here.")]
    [InlineData("  if a < b:\n    pass\n", "if a < b:\n    pass")]
    [InlineData("  no angle here  ", "  no angle here  ")]
    [InlineData("◁think▷ a ◁/think▷ b", "b")]
    [InlineData("◁think▷ unclosed", "◁think▷ unclosed")]
    [InlineData("<|channel|>analysis<|message|>a<|end|><|channel|>final<|message|>Yes.", "Yes.")]
    [InlineData("<|channel|>final<|message|>one<|end|><|channel|>final<|message|>two<|return|>", "two")]
    [InlineData("<|channel|>analysis<|message|>a<|end|>", "")]
    [InlineData("<|start|>assistant<|channel|>analysis<|message|>a<|end|>", "<|start|>assistant")]
    [InlineData("<|channel|>commentary to=f <|constrain|>json<|message|>{}<|call|>", "<|channel|>commentary to=f <|constrain|>json<|message|>{}<|call|>")]
    [InlineData("<|begin_of_thought|>t<|end_of_thought|><|begin_of_solution|>sol<|end_of_solution|>", "sol")]
    [InlineData("<|begin_of_thought|>t", "<|begin_of_thought|>t")]
    [InlineData("Here's my thinking process:\n1. step\n\nAnswer:\nX", "X")]
    [InlineData("Thinking: foo\n## Solution\nbar", "bar")]
    [InlineData("Let me think about it\nfoo\n\nAnswer: 42", "Let me think about it\nfoo\n\nAnswer: 42")]
    [InlineData("Use the `<think>` tag for it", "Use the `")]
    [InlineData("<root><analysis>k</analysis><v>1</v></root>", "<root><v>1</v></root>")]
    public void The_whole_text_rule_gives_the_known_results(string text, string expected)
    {
        ReasoningText.Strip(text, ReasoningStrip.Anywhere).Visible.Should().Be(expected);
    }

    [Theory]
    [InlineData("<think")]
    [InlineData("<think>")]
    [InlineData("</think>")]
    [InlineData("</think ")]
    [InlineData("<|channel|>a<|message|>")]
    [InlineData("<|channel|> final ")]
    [InlineData("◁think▷")]
    [InlineData("<|begin_of_solution|>")]
    [InlineData("<|begin_of_thought|>")]
    [InlineData("Thinking:\n## \n")]
    [InlineData("`")]
    [InlineData("```\n")]
    public void Repeated_marks_take_linear_time(string mark)
    {
        var text = string.Concat(Enumerable.Repeat(mark, 400_000 / mark.Length)) + "</think";
        var watch = System.Diagnostics.Stopwatch.StartNew();

        _ = ReasoningText.Strip(text, ReasoningStrip.Anywhere);
        _ = ReasoningText.Strip(text, ReasoningStrip.Leading);
        _ = ReasoningText.Strip(text, ReasoningStrip.Prefilled);

        // Quadratic work on this much text takes minutes.
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(" L ", null, "L")]
    [InlineData(" ", " R ", "R")]
    [InlineData("<think>R</think>A", null, "A")]
    [InlineData("<think>R cut", null, "<think>R cut")]
    [InlineData(null, "", null)]
    public void A_rescue_takes_the_first_reasoning_there_is(string? content, string? plain, string? expected)
    {
        ReasoningText.Rescue(content, plain, ReasoningStrip.Leading).Should().Be(expected);
    }
}
