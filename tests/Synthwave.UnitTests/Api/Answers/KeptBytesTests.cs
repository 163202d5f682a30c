using System.Buffers;
using System.Text;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Chat.Memory;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Answers;

public sealed class KeptBytesTests : IMemoryHolder
{
    private const long Mebibyte = 1024 * 1024;

    string IMemoryHolder.Client => "client";

    [Fact]
    public void More_than_the_limit_is_not_kept_and_nothing_after_it()
    {
        var kept = new KeptBytes(2 * Mebibyte, MemoryShare.Uncounted);

        kept.TryKeep(2 * Mebibyte).Should().BeTrue();
        kept.Trouble.Should().BeNull();
        kept.TryKeep(1).Should().BeFalse();
        kept.TryKeep(0).Should().BeFalse();

        kept.Trouble!.Code.Should().Be("too_large");
        kept.Trouble.Message.Should().Contain("2 MiB").And.Contain("max_reply_mb");
    }

    [Fact]
    public async Task What_there_is_no_memory_for_is_not_kept()
    {
        using var share = new MemoryShare(new MemoryBudget(new ManualTimeProvider()) { Limit = 64 * Mebibyte }, this);
        await share.EnterAsync(default);
        var kept = new KeptBytes(64 * Mebibyte, share);

        kept.TryKeep(10 * Mebibyte).Should().BeTrue();
        kept.TryKeep(Mebibyte).Should().BeFalse("three times as much is needed at the end");

        kept.Trouble!.Code.Should().Be("overloaded");
    }

    [Fact]
    public void A_text_is_the_same_in_one_piece_and_in_many() => Seeded.Run(50, random =>
    {
        var (text, whole) = (new ItemText(), new ArrayBufferWriter<byte>());
        for (var i = random.Next(60); i > 0; i--)
        {
            var piece = new byte[random.Next(4) == 0 ? random.Next(100_000) : random.Next(300)];
            random.NextBytes(piece);
            text.Append(piece);
            whole.Write(piece);
        }

        var written = new ArrayBufferWriter<byte>();
        text.WriteTo(written);

        text.Length.Should().Be(whole.WrittenCount);
        text.IsEmpty.Should().Be(whole.WrittenCount == 0);
        written.WrittenSpan.SequenceEqual(whole.WrittenSpan).Should().BeTrue();
        text.Joined().SequenceEqual(whole.WrittenSpan).Should().BeTrue();
    });

    [Fact]
    public void Steps_are_told_as_they_were_noted_and_take_a_byte_or_two() => Seeded.Run(100, random =>
    {
        var steps = new ResponseSteps();
        var noted = new List<(int, int)>();
        for (var i = 0; i < 200; i++)
        {
            var (position, length) = (random.Next(3), random.Next(8) == 0 ? random.Next(1_000_000) : random.Next(60));
            var item = new ResponseItem(ResponseItemKind.Message, position) { Id = "" };
            noted.Add((position, length));
            if (length == 0)
            {
                steps.Begin(item);
            }
            else
            {
                steps.Add(item, length);
            }
        }

        steps.All.Should().Equal(noted);
        steps.Bytes.Should().BeLessThan(200 * 3);
    });

    [Fact]
    public void An_event_loses_its_line_breaks_and_nothing_else()
    {
        var line = new EventLine();
        var output = new ArrayBufferWriter<byte>();
        var text = string.Concat(Enumerable.Repeat("one\r\ntwo\n", 2000));

        line.Begin(output);
        line.Write(Encoding.ASCII.GetBytes(text));
        line.Write("\n"u8);
        line.Write("end"u8);
        line.Flush();
        line.Begin(null);
        line.Write("counted only"u8);
        line.Flush();

        Encoding.ASCII.GetString(output.WrittenSpan).Should().Be(string.Concat(Enumerable.Repeat("onetwo", 2000)) + "end");
    }
}
