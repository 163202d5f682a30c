using System.Text.RegularExpressions;
using Synthwave.Chat;

namespace Synthwave.UnitTests.Chat;

public sealed class RandomHexTests
{
    [Fact]
    public void Digits_are_as_many_as_asked_and_never_the_same_whatever_the_lengths_in_turn()
    {
        int[] digits = [16, 24, 32, 64];

        var drawn = Enumerable.Range(0, 4000).Select(i => RandomHex.New(digits[i % 4], "id-")).ToArray();

        drawn.Select((d, i) => d.Length - 3 == digits[i % 4] && Regex.IsMatch(d, "^id-[0-9a-f]+$")).Should().NotContain(false);
        drawn.Select(d => d[3..19]).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Threads_do_not_draw_what_another_one_drew()
    {
        var drawn = new string[8][];
        var threads = Enumerable.Range(0, drawn.Length).Select(t => new Thread(() => drawn[t] = [.. Enumerable.Range(0, 500).Select(_ => RandomHex.New(16))])).ToArray();
        Array.ForEach(threads, static t => t.Start());
        Array.ForEach(threads, static t => t.Join());

        drawn.SelectMany(static d => d).Should().OnlyHaveUniqueItems();
    }
}
