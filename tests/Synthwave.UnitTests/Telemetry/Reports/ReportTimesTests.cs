using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Reports;

public class ReportTimesTests
{
    private readonly SteppedClock _clock = new();

    [Fact]
    public void Overhead_is_the_time_no_call_was_running()
    {
        var builder = new ReportBuilder(_clock);
        builder.Call("a", 10, 100);
        builder.Call("b", 20, 60);
        builder.Call("s", 130, 200);
        var report = builder.End(205);

        var overhead = ReportTimes.Overhead(report, report.Calls, _clock);

        overhead.Should().Be(TimeSpan.FromMilliseconds(10 + 30 + 5));
    }

    [Fact]
    public void Overhead_does_not_count_a_call_that_outlives_the_request()
    {
        var builder = new ReportBuilder(_clock);
        builder.Call("a", 10, 50);
        builder.Call("straggler", 10, null);
        builder.Call("late", 80, 500);
        var report = builder.End(100);

        ReportTimes.Overhead(report, report.Calls, _clock).Should().Be(TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public void Overhead_of_a_request_without_calls_is_all_of_it()
    {
        var report = new ReportBuilder(_clock).End(7);

        ReportTimes.Overhead(report, report.Calls, _clock).Should().Be(TimeSpan.FromMilliseconds(7));
    }
}
