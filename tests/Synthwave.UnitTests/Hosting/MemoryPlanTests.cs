using Synthwave.Configuration;
using Synthwave.Hosting;

namespace Synthwave.UnitTests.Hosting;

public sealed class MemoryPlanTests
{
    private const long Mebibyte = 1024 * 1024;

    [Theory]
    [InlineData(64, 64, false, 16, 4, 2, 0, 38)]
    [InlineData(64, 65536, true, 16, 4, 2, 4, 30)]
    [InlineData(256, 64, false, 64, 16, 8, 0, 164)]
    [InlineData(4096, 64, false, 64, 32, 8, 0, 3988)]
    [InlineData(4096, 0, true, 0, 32, 8, 64, 3924)]
    public void What_outlives_requests_is_bounded_and_they_get_the_rest(int whole, int store, bool content, int responses, int thinking, int descriptions, int kept, int requests)
    {
        var plan = MemoryPlan.Of(new GatewayConfig
        {
            Server = new ServerConfig { MaxMemoryBytes = whole * Mebibyte, ResponseStoreBytes = store * Mebibyte },
            History = new HistoryConfig { Content = content },
        });

        (plan.Responses / Mebibyte, plan.Thinking / Mebibyte, plan.Descriptions / Mebibyte, plan.Content / Mebibyte, plan.Requests / Mebibyte)
            .Should().Be((responses, thinking, descriptions, kept, requests));
        (plan.Requests + plan.Kept).Should().Be(plan.Whole);
    }

    [Fact]
    public void Without_a_key_it_is_a_share_of_what_the_process_may_use() =>
        MemoryPlan.Of(new GatewayConfig()).Whole.Should().Be(Synthwave.Chat.Memory.MemoryBudget.Default()).And.BeGreaterThanOrEqualTo(256 * Mebibyte);
}
