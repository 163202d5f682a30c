using Synthwave.Commands.Live;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Commands.Live;

public sealed class LiveTerminalTests
{
    [Fact]
    public async Task Picture_is_drawn_again_and_lines_of_the_log_stand_above_it_until_the_end()
    {
        using var output = new StringWriter();
        using var stop = new CancellationTokenSource();
        var console = Terminal.Over(output, isDrawn: true);
        console.Profile.Width = 80;
        console.Profile.Height = 24;
        var time = new ManualTimeProvider();
        var reads = 0;
        using var above = new AboveViewWriter(console);

        var drawing = new LiveTerminal(console, time).RunAsync(_ => ValueTask.FromResult(new LiveSnapshot { Address = $"picture {++reads}" }), stop.Token);
        await time.WhenTimersAsync(1);
        above.Write("a line [of] the log\n");
        time.Advance(TimeSpan.FromSeconds(1));
        await time.WhenTimersAsync(1);
        await stop.CancelAsync();
        await drawing;

        reads.Should().Be(3, "the last picture is drawn at the end");
        output.ToString().Should().Contain("picture 1").And.Contain("a line [of] the log").And.Contain("picture 3");
    }
}
