using Synthwave.Commands.Admin;
using Synthwave.Telemetry.Journal;

namespace Synthwave.UnitTests.Commands.Admin;

public sealed class RequestStoryTests
{
    private static readonly JournalEntry Answered = new()
    {
        Sequence = 1,
        RequestId = "metamodel-1",
        ClientRequestId = "mine-1",
        Method = "POST",
        Path = "/v1/chat/completions",
        Profile = "ensemble",
        Strategy = "moa",
        Decision = "merged",
        FallbackReason = "none",
        Status = 200,
        Outcome = "degraded",
        Phase = "finished",
        ReceivedAt = DateTimeOffset.UnixEpoch,
        ElapsedMs = 4000,
        FirstContentMs = 2500,
        Generators = 3,
        Drafts = 2,
        Usage = new JournalUsage(100, 50, 150, null, null),
        UsageComplete = true,
        CostUsd = 0.0012m,
        Calls =
        [
            new() { Role = "generator", Upstream = "a", Model = "m-a", Outcome = "success", StartMs = 0, ElapsedMs = 1000, Attempts = 1 },
            new() { Role = "generator", Upstream = "b#2", Model = "m-b", Outcome = "failed", Reason = "non_2xx", Status = 429, Detail = "slow down\u001b[31m\r\n", StartMs = 0, ElapsedMs = 300, Attempts = 3 },
            new() { Role = "generator", Upstream = "c", Model = "m-c", Outcome = "cancelled", Reason = "cancelled", StartMs = 0, ElapsedMs = 2000, Attempts = 1 },
            new() { Role = "synthesizer", Upstream = "s", Model = "m-s", Outcome = "success", StartMs = 2000, ElapsedMs = 2000, Attempts = 1, Finish = "length" },
        ],
    };

    [Fact]
    public void The_story_of_an_ensemble_names_who_drafted_who_failed_who_was_cut_who_wrote_and_the_cost() =>
        RequestStory.Tell(Answered).Should().Be("""
            Request metamodel-1 (the client calls it mine-1)
            POST /v1/chat/completions, received 1970-01-01 00:00:00Z

            The profile ensemble (moa) took it. It was answered with less than was configured after 4.0 s (HTTP 200). Its first words were there after 2.5 s.
            2 of 3 generators gave a draft that could be used. The synthesizer wrote the answer from the drafts.
            - a (m-a) gave a draft in 1.0 s.
            - b#2 (m-b) failed after 300 ms: non_2xx, HTTP 429. It took 3 attempts. It said: slow down?[31m??
            - c (m-c) was cut after 2.0 s: nobody waited for it any longer.
            - s (m-s) wrote the answer in 2.0 s. It was stopped by its token limit.
            All calls together used 100 prompt and 50 completion tokens and cost $0.0012.

                             0                                  4.0 s
            generator    a   ━━━━━━━━━━                                  1.0 s  success
            generator    b#2 ╌╌╌                                        300 ms  non_2xx
            generator    c   ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌                        2.0 s  cancelled
            synthesizer  s                       ━━━━━━━━━━━━━━━━━━━━    2.0 s  success

            What to do
            - b is limited in rate: spread the load over more keys or upstreams, or ask for a higher limit.

            """);

    [Fact]
    public void A_running_request_says_what_it_is_doing_and_guesses_nothing()
    {
        var story = RequestStory.Tell(new JournalEntry
        {
            RequestId = "metamodel-2",
            Method = "POST",
            Path = "/v1/responses",
            Outcome = "running",
            Phase = "drafting",
            Profile = "p",
            Strategy = "moa",
            ElapsedMs = 1500,
            Calls = [new() { Role = "generator", Upstream = "a", Model = "m", Outcome = "running", ElapsedMs = 1500 }],
        });

        story.Should().Contain("It runs since 1.5 s: drafting.").And.Contain("a (m) is at work since 1.5 s.").And.NotContain("cost").And.NotContain("HTTP").And.NotContain("What to do");
    }

    [Theory]
    [InlineData("timeout", null, null, "too slow")]
    [InlineData("transport", "refused", null, "Nothing listens")]
    [InlineData("transport", "dns", null, "is not found")]
    [InlineData("transport", "tls", null, "certificate")]
    [InlineData("transport", null, null, "broke")]
    [InlineData("auth_unconfigured", null, null, "api_key_env")]
    [InlineData("non_2xx", null, 401, "refuses the key")]
    [InlineData("non_2xx", null, 404, "model_id")]
    [InlineData("non_2xx", null, 503, "in trouble itself")]
    [InlineData("circuit_open", null, null, "failed repeatedly")]
    [InlineData("blank", null, null, "wrote nothing")]
    public void A_failure_comes_with_what_to_do(string reason, string? transport, int? status, string words) =>
        CallStory.Advice(new JournalCall { Role = "member", Upstream = "a", Model = "m", Outcome = "failed", Reason = reason, Transport = transport, Status = status })
            .Should().Contain(words).And.Contain("a");

    [Fact]
    public void A_call_that_was_cut_asks_for_nothing_to_be_done() =>
        CallStory.Advice(new JournalCall { Role = "generator", Upstream = "a", Model = "m", Outcome = "cancelled", Reason = "timeout" }).Should().BeNull();
}
