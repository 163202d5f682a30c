using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Strategies;
using Synthwave.Strategies.Cascade;
using Synthwave.Strategies.Embeddings;
using Synthwave.Strategies.Media;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.UnitTests.Chat.Compaction;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Strategies;

/// <summary>One loop serves the cascades of chat, media and embeddings: what holds for one holds for all.</summary>
public class InOrderTests
{
    private const string Answer = """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}]}""";
    private const string Vectors = """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"model":"m"}""";

    private static readonly UpstreamFault Down = new(UpstreamFaultKind.ServerError) { Status = 500 };

    public static TheoryData<string> Kinds => new("cascade", "media", "embeddings");

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_first_answer_ends_it(string kind)
    {
        ScriptedUpstream[] members = [new("a", Down), Good("b", kind), Good("c", kind)];

        var (reply, _) = await AskAsync(kind, members);

        reply.Should().BeOfType<CompleteReply>();
        members.Select(m => m.Calls.Count).Should().Equal(1, 1, 0);
        members[0].Calls[0].Should().Match<UpstreamCall>(c => !c.MayRetry && !c.IsLastChance);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_a_fault_means_decides_whether_the_next_one_is_asked(string kind)
    {
        foreach (var fault in Enum.GetValues<UpstreamFaultKind>())
        {
            ScriptedUpstream[] members = [new("a", new UpstreamFault(fault)), Good("b", kind)];

            await AskAsync(kind, members);

            members[1].Calls.Count.Should().Be(new UpstreamFault(fault).MayRotate() ? 1 : 0, "{0}", fault);
        }
    }

    [Theory]
    [InlineData("cascade")]
    [InlineData("embeddings")]
    public async Task A_profile_may_put_a_bad_request_to_the_next_one(string kind)
    {
        ScriptedUpstream[] members = [new("a", new UpstreamFault(UpstreamFaultKind.BadRequest) { Status = 400 }), Good("b", kind)];

        var (reply, _) = await AskAsync(kind, members, Cascade with { RotateOnClientError = true });

        reply.Should().BeOfType<CompleteReply>();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_resting_member_is_passed_over_and_the_last_of_the_others_is_retried(string kind)
    {
        ScriptedUpstream[] members = [new("a", Down), new("b", null) { Resting = RestReason.CircuitOpen }];

        var (reply, report) = await AskAsync(kind, members);

        reply.Should().BeOfType<FailedReply>();
        members[1].Calls.Should().BeEmpty();
        members[0].Calls.Single().Should().Match<UpstreamCall>(c => c.MayRetry && c.IsLastChance);
        (kind == "media" ? report.Media!.Attempts : report.CascadeAttempts)[0].Should().Be(KeyValuePair.Create("b", "circuit_open"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Where_all_rest_all_are_asked(string kind)
    {
        ScriptedUpstream[] members = [new("a", Down) { Resting = RestReason.CircuitOpen }, new("b", Down) { Resting = RestReason.CircuitOpen }];

        await AskAsync(kind, members);

        members.Select(m => m.Calls.Count).Should().Equal(1, 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_member_left_alone_is_asked_once_nobody_else_can_answer(string kind)
    {
        ScriptedUpstream[] members = [Good("a", kind, RestReason.RateLimited), new("b", Down), new("c", Down)];

        var (reply, report) = await AskAsync(kind, members);

        reply.Should().BeOfType<CompleteReply>();
        members.Select(m => m.Calls.Count).Should().Equal(2, 1, 1);
        members.Select(m => m.Calls[^1].MayRetry).Should().Equal(true, false, true);
        (kind == "media" ? report.Media!.Attempts.Take(2) : report.CascadeAttempts).Select(a => a.Key).Should().Equal("b", "c");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_member_left_alone_is_told_of(string kind)
    {
        ScriptedUpstream[] members = [Good("a", kind, RestReason.RateLimited), Good("b", kind)];

        var (reply, report) = await AskAsync(kind, members);

        reply.Should().BeOfType<CompleteReply>();
        members[1].Calls.Single().MayRetry.Should().BeTrue("nobody comes after it");
        (kind == "media" ? report.Media!.Attempts : report.CascadeAttempts)[0].Should().Be(KeyValuePair.Create("a", "rate_limited"));
        report.CascadeTried.Should().Equal(kind == "media" ? [] : ["b"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Where_all_are_left_alone_the_first_is_asked(string kind)
    {
        ScriptedUpstream[] members = [Good("a", kind, RestReason.RateLimited), Good("b", kind, RestReason.RateLimited)];

        var (reply, _) = await AskAsync(kind, members);

        reply.Should().BeOfType<CompleteReply>();
        members.Select(m => m.Calls.Count).Should().Equal(1, 0);
    }

    [Theory]
    [InlineData("cascade")]
    [InlineData("media")]
    public async Task A_window_that_cannot_hold_the_prompt_is_passed_over(string kind)
    {
        ScriptedUpstream[] members = [new("a", null, Answer, context: 8), Good("b", kind)];

        var (reply, report) = await AskAsync(kind, members);

        reply.Should().BeOfType<CompleteReply>();
        members[0].Calls.Should().BeEmpty();
        (kind == "media" ? report.Media!.Attempts : report.CascadeAttempts)[0].Should().Be(KeyValuePair.Create("a", "context"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_earlier_rate_limit_that_says_when_to_come_back_is_the_error(string kind)
    {
        var limited = new UpstreamFault(UpstreamFaultKind.RateLimited) { Status = 429, RetryAfter = TimeSpan.FromSeconds(7) };

        var (reply, _) = await AskAsync(kind, [new("a", limited), new("b", Down)]);

        reply.Should().BeOfType<FailedReply>().Which.Error.Should().Match<GatewayError>(e => e.Status == 429 && e.RetryAfter == TimeSpan.FromSeconds(7));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_attempt_has_its_share_of_the_time_and_none_begins_after_its_end(string kind)
    {
        var clock = new ManualTimeProvider();
        ScriptedUpstream[] members = [new("a", Down), Good("b", kind), Good("c", kind)];

        await AskAsync(kind, members, clock: clock);
        var (late, report) = await AskAsync(kind, [new("a", Down), Good("b", kind)], clock: clock, left: TimeSpan.Zero);

        members[0].Calls[0].Deadline.Remaining.Should().Be(TimeSpan.FromSeconds(20));
        members[1].Calls[0].Deadline.Remaining.Should().Be(TimeSpan.FromSeconds(30));
        late.Should().BeOfType<FailedReply>().Which.Error.Status.Should().Be(kind == "media" ? 502 : 504);
        report.CallCount.Should().Be(0);
    }

    [Theory]
    [InlineData("cascade")]
    [InlineData("embeddings")]
    public async Task A_profile_may_set_the_time_of_one_attempt(string kind)
    {
        ScriptedUpstream[] members = [new("a", Down), Good("b", kind)];

        await AskAsync(kind, members, Cascade with { AttemptTimeout = TimeSpan.FromSeconds(2) }, new ManualTimeProvider());

        members.Select(m => m.Calls[0].Deadline.Remaining).Should().AllBeEquivalentTo(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_cascade_of_one_is_told_as_a_cascade_and_an_upstream_as_itself()
    {
        var (cascade, report) = await AskAsync("embeddings", [new("a", Down)]);
        var (raw, rawReport) = await EmbedAsync([new("a", Down)], null, TimeProvider.System, TimeSpan.FromMinutes(1));

        cascade.Should().BeOfType<FailedReply>().Which.Error.Code.Should().Be("cascade_exhausted");
        report.CascadeTried.Should().Equal("a");
        raw.Should().BeOfType<FailedReply>().Which.Error.Code.Should().Be("upstream_error");
        rawReport.CascadeTried.Should().BeEmpty();
    }

    private static CascadeProfileConfig Cascade { get; } = new() { Name = "c", Upstreams = [] };

    private static ScriptedUpstream Good(string name, string kind, RestReason? resting = null) => new(name, null, kind == "embeddings" ? Vectors : Answer) { Resting = resting };

    private static Task<(ChatReply Reply, DispatchReport Report)> AskAsync(
        string kind, ScriptedUpstream[] members, CascadeProfileConfig? profile = null, TimeProvider? clock = null, TimeSpan? left = null)
    {
        var (time, span) = (clock ?? TimeProvider.System, left ?? TimeSpan.FromMinutes(1));
        ImmutableArray<IUpstream> upstreams = [.. members];
        return kind switch
        {
            "cascade" => ChatAsync(new CascadeStrategy(profile ?? Cascade, upstreams), time, span),
            "media" => ChatAsync(new MediaCascade("vision", upstreams, "p", exposeReasoning: false), time, span),
            _ => EmbedAsync(members, profile ?? Cascade, time, span),
        };
    }

    private static async Task<(ChatReply Reply, DispatchReport Report)> ChatAsync(IStrategy strategy, TimeProvider time, TimeSpan left)
    {
        var dispatch = Ensemble.Dispatch(new Talk().Say("user", "A question of more than eight tokens, which is more than the small one holds.").Json);
        dispatch = dispatch with { Clock = new RequestClock(time, time.GetTimestamp(), Deadline.After(time, left)) };
        return (await strategy.RunAsync(dispatch, CancellationToken.None), dispatch.Report);
    }

    private static async Task<(ChatReply Reply, DispatchReport Report)> EmbedAsync(ScriptedUpstream[] members, CascadeProfileConfig? profile, TimeProvider time, TimeSpan left)
    {
        var request = new EmbeddingsRequest { Body = ChatBody.FromJson("{\"model\":\"m\",\"input\":\"hello\"}"u8.ToArray()), Model = "m", Inputs = 1, PromptTokens = 2 };
        var report = new DispatchReport("r", 0);
        var cascade = new EmbeddingsCascade([.. members], CapsConfig.None, profile, maxBytes: 1024 * 1024);
        return (await cascade.RunAsync(request, Deadline.After(time, left), report, CancellationToken.None), report);
    }
}
