using System.Text;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Reports;

public class CallCostTests
{
    private static readonly PriceConfig Price = new(2m, 8m, 0.5m);

    [Fact]
    public void Cached_tokens_cost_their_own_price()
    {
        var usage = ReportBuilder.Usage(1000, 100) with { CachedTokens = 400 };

        CallCost.Of(usage, Price).Should().Be(((600 * 2m) + (400 * 0.5m) + (100 * 8m)) / 1_000_000m);
    }

    [Fact]
    public void Cached_tokens_without_a_price_cost_as_input()
    {
        var usage = ReportBuilder.Usage(1000, 0) with { CachedTokens = 400 };

        CallCost.Of(usage, Price with { CachedInput = null }).Should().Be(0.002m);
    }

    [Fact]
    public void Tokens_written_to_the_cache_cost_their_own_price()
    {
        var usage = ReportBuilder.Usage(1000, 0) with { CachedTokens = 400, CacheWriteTokens = 500 };

        CallCost.Of(usage, Price with { CacheWrite = 2.5m }).Should().Be(((100 * 2m) + (400 * 0.5m) + (500 * 2.5m)) / 1_000_000m);
        CallCost.Of(usage, Price).Should().Be(((600 * 2m) + (400 * 0.5m)) / 1_000_000m);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":20,"total_tokens":620,"completion_tokens_details":{"reasoning_tokens":500}}""", 100, 520)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":20,"total_tokens":620}""", 100, 520)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":20,"total_tokens":620,"reasoning_tokens":500}""", 100, 520)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"completion_tokens_details":{"reasoning_tokens":500}}""", 100, 520)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":520,"total_tokens":620,"completion_tokens_details":{"reasoning_tokens":500}}""", 100, 520)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":520,"completion_tokens_details":{"reasoning_tokens":500}}""", 100, 520)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":20,"total_tokens":90}""", 100, 20)]
    public void Reasoning_is_output_wherever_it_is_counted(string json, int input, int output)
    {
        CallCost.Of(TokenUsage.Read(Encoding.UTF8.GetBytes(json))!, Price).Should().Be(((input * 2m) + (output * 8m)) / 1_000_000m);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":1000,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":400,"cache_write_tokens":500}}""")]
    [InlineData("""{"prompt_tokens":1000,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":400,"cache_creation_tokens":500}}""")]
    [InlineData("""{"prompt_tokens":1000,"completion_tokens":0,"cache_read_input_tokens":400,"cache_creation_input_tokens":500}""")]
    [InlineData("""{"prompt_tokens":1000,"completion_tokens":0,"prompt_cache_hit_tokens":400,"prompt_tokens_details":{"cache_write_tokens":500,"odd\ud800":1}}""")]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":0,"total_tokens":1000,"cache_read_input_tokens":400,"cache_creation_input_tokens":500}""")]
    public void What_a_cache_read_and_wrote_is_priced_under_every_name(string json)
    {
        CallCost.Of(TokenUsage.Read(Encoding.UTF8.GetBytes(json))!, Price with { CacheWrite = 2.5m })
            .Should().Be(((100 * 2m) + (400 * 0.5m) + (500 * 2.5m)) / 1_000_000m);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":0,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":9000000000000000000}}""")]
    [InlineData("""{"prompt_tokens":1000000000000,"completion_tokens":1000000000000,"total_tokens":1000000000000,"cache_creation_input_tokens":1000000000000}""")]
    public void Counts_that_cannot_be_do_no_harm(string json)
    {
        CallCost.Of(TokenUsage.Read(Encoding.UTF8.GetBytes(json))!, Price).Should().BePositive();
    }

    [Fact]
    public void A_report_costs_nothing_known_when_one_call_is_unpriced()
    {
        var builder = new ReportBuilder(new SteppedClock());
        builder.Call("a", 0, 1, usage: ReportBuilder.Usage(1, 1), config: ReportBuilder.Upstream("a", Price));
        builder.Report.CostUsd.Should().Be(0.00001m);

        builder.Call("b", 0, 1, usage: ReportBuilder.Usage(1, 1), config: ReportBuilder.Upstream("b"));

        builder.Report.CostUsd.Should().BeNull();
    }

    [Fact]
    public void A_call_that_never_reached_its_upstream_is_free()
    {
        var builder = new ReportBuilder(new SteppedClock());
        builder.Call("a", 0, 1, usage: ReportBuilder.Usage(1, 1), config: ReportBuilder.Upstream("a", Price));
        builder.Call("b", 0, 0, CallOutcome.Failed, reason: "circuit_open", attempts: 0, config: ReportBuilder.Upstream("b"));

        builder.Report.CostUsd.Should().Be(0.00001m);
    }

    [Theory]
    [InlineData(1, 0, "Succeeded", null, true, true)]
    [InlineData(1, 0, "Succeeded", null, false, false)]
    [InlineData(3, 2, "Succeeded", null, true, true)]
    [InlineData(3, 1, "Succeeded", null, true, false)]
    [InlineData(1, 0, "Failed", "blank", true, true)]
    [InlineData(1, 0, "Failed", "stream_broken", true, false)]
    [InlineData(1, 0, "Failed", "timeout", false, false)]
    [InlineData(1, 0, "Cancelled", "cancelled", false, false)]
    [InlineData(1, 0, "Cancelled", "cancelled", true, false)]
    [InlineData(2, 2, "Failed", "non_2xx", false, true)]
    [InlineData(0, 0, "Cancelled", "cancelled", false, true)]
    public void Usage_is_known_when_every_exchange_was_free_or_reported_it(int attempts, int free, string outcome, string? reason, bool reported, bool known)
    {
        var builder = new ReportBuilder(new SteppedClock());

        var call = builder.Call(
            "a", 0, 1, Enum.Parse<CallOutcome>(outcome), reason: reason, attempts: attempts,
            usage: reported ? ReportBuilder.Usage(1, 1) : null, config: ReportBuilder.Upstream("a", Price));
        call.FreeAttempts = free;

        call.UsageIsKnown.Should().Be(known);
        builder.Report.UsageIsComplete.Should().Be(known);
        (call.CostUsd is not null).Should().Be(known);
    }
}
