using System.Text;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Chat.Completions;

public class TokenUsageTests
{
    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("1000000000001")]
    [InlineData("9e15")]
    [InlineData("1e400")]
    [InlineData("-1")]
    public void What_no_call_can_have_used_is_no_count(string number)
    {
        TokenUsage.Read(Encoding.UTF8.GetBytes($"{{\"prompt_tokens\":{number},\"completion_tokens\":{number},\"total_tokens\":{number}}}")).Should().BeNull();

        var usage = TokenUsage.Read(Encoding.UTF8.GetBytes(
            $"{{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":{number},\"prompt_tokens_details\":{{\"cached_tokens\":{number}}},\"cache_creation_input_tokens\":{number},\"reasoning_tokens\":{number}}}"));

        usage.Should().Be(new TokenUsage { PromptTokens = 3, CompletionTokens = 2, TotalTokens = 5 });
    }

    [Fact]
    public void The_most_that_servers_claim_can_be_added_up_and_priced()
    {
        var claimed = TokenUsage.Read("""
            {"prompt_tokens":1000000000000,"completion_tokens":1000000000000,"total_tokens":1000000000000,"cached_tokens":7,
             "prompt_tokens_details":{"cached_tokens":1000000000000},"cache_creation_input_tokens":1000000000000,"reasoning_tokens":1000000000000}
            """u8)!;

        var sum = Enumerable.Repeat(claimed, 100_000).Aggregate(TokenUsage.Add);

        sum.TotalTokens.Should().Be(100_000L * TokenUsage.MostTokens);
        CallCost.Of(sum, new PriceConfig(1000m, 1000m, 1000m)).Should().BePositive();
    }
}
