using Synthwave.Upstreams.Faults;

namespace Synthwave.UnitTests.Upstreams.Faults;

public sealed class UpstreamFaultTableTests
{
    private static readonly string[] Labels =
    [
        "timeout", "transport", "non_2xx", "non_json", "cancelled", "auth_unconfigured", "context", "blank", "refused", "too_large", "stream_broken", "circuit_open", "rate_limited", "overloaded",
        "undeclared_tool", "tool_required_unmet", "tool_choice_unmet",
    ];

    public static TheoryData<string> Kinds => [.. Enum.GetNames<UpstreamFaultKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_a_label_of_the_closed_set_and_an_error_for_the_client(string kind)
    {
        var fault = new UpstreamFault(Enum.Parse<UpstreamFaultKind>(kind));

        var error = fault.ToGatewayError("north");

        Labels.Should().Contain(fault.ReportReason());
        error.Status.Should().BeInRange(400, 599);
        error.Code.Should().MatchRegex("^(upstream_.*|overloaded|context_length_exceeded|content_policy_violation|insufficient_credit|(missing|invalid)_api_key)$");
        error.Message.Should().Contain("'north'");
    }

    [Theory]
    [InlineData("TimedOut", null, 504, "upstream_timeout", "timeout")]
    [InlineData("Unreachable", null, 502, "upstream_error", "transport")]
    [InlineData("RateLimited", 429, 429, "upstream_error", "non_2xx")]
    [InlineData("Overloaded", null, 503, "upstream_unavailable", "overloaded")]
    [InlineData("NoMemory", 200, 503, "overloaded", "overloaded")]
    [InlineData("CircuitOpen", null, 503, "upstream_unavailable", "circuit_open")]
    [InlineData("BadRequest", 400, 400, "upstream_error", "non_2xx")]
    [InlineData("BadRequest", 422, 422, "upstream_error", "non_2xx")]
    [InlineData("ContextTooLong", 400, 400, "context_length_exceeded", "context")]
    [InlineData("ContextTooLong", 413, 400, "context_length_exceeded", "context")]
    [InlineData("ContextTooLong", null, 400, "context_length_exceeded", "context")]
    [InlineData("Moderation", 400, 400, "content_policy_violation", "non_2xx")]
    [InlineData("Billing", 400, 402, "insufficient_credit", "non_2xx")]
    [InlineData("QuotaWindow", 403, 429, "upstream_error", "non_2xx")]
    [InlineData("ModelGone", 400, 502, "upstream_model_gone", "non_2xx")]
    [InlineData("ModelGone", 404, 404, "upstream_model_gone", "non_2xx")]
    [InlineData("NotInPlan", 403, 502, "upstream_not_in_plan", "non_2xx")]
    [InlineData("Region", 400, 502, "upstream_region_unsupported", "non_2xx")]
    [InlineData("Unauthorized", 401, 502, "upstream_auth_failed", "non_2xx")]
    [InlineData("Unauthorized", 403, 502, "upstream_auth_failed", "non_2xx")]
    [InlineData("AuthUnconfigured", null, 502, "upstream_auth_unconfigured", "auth_unconfigured")]
    [InlineData("CallerKeyMissing", null, 401, "missing_api_key", "auth_unconfigured")]
    [InlineData("CallerKeyRefused", 403, 401, "invalid_api_key", "non_2xx")]
    [InlineData("Misconfigured", null, 502, "upstream_misconfigured", "transport")]
    [InlineData("Redirected", 302, 502, "upstream_error", "non_2xx")]
    [InlineData("Rejected", 404, 404, "upstream_error", "non_2xx")]
    [InlineData("ServerError", 500, 500, "upstream_error", "non_2xx")]
    [InlineData("ServerError", 529, 503, "upstream_error", "non_2xx")]
    [InlineData("Malformed", 200, 502, "upstream_protocol_error", "non_json")]
    [InlineData("TooLarge", 200, 502, "upstream_protocol_error", "too_large")]
    [InlineData("StreamBroken", 200, 502, "upstream_error", "stream_broken")]
    [InlineData("UndeclaredTool", null, 502, "upstream_protocol_error", "undeclared_tool")]
    [InlineData("ToolRequiredUnmet", null, 502, "upstream_protocol_error", "tool_required_unmet")]
    [InlineData("ToolChoiceUnmet", null, 502, "upstream_protocol_error", "tool_choice_unmet")]
    public void Kind_decides_status_code_and_label(string kind, int? status, int expectedStatus, string expectedCode, string expectedLabel)
    {
        var fault = new UpstreamFault(Enum.Parse<UpstreamFaultKind>(kind)) { Status = status };

        var error = fault.ToGatewayError("north");

        (error.Status, error.Code).Should().Be((expectedStatus, expectedCode));
        fault.ReportReason().Should().Be(expectedLabel);
    }

    [Theory]
    [InlineData("ServerError", 500, true)]
    [InlineData("ServerError", 501, false)]
    [InlineData("ServerError", 502, true)]
    [InlineData("ServerError", 503, true)]
    [InlineData("ServerError", 504, true)]
    [InlineData("ServerError", 529, true)]
    [InlineData("Rejected", 408, true)]
    [InlineData("Rejected", 404, false)]
    [InlineData("RateLimited", 429, true)]
    [InlineData("BadRequest", 400, false)]
    [InlineData("Unauthorized", 401, false)]
    [InlineData("Unreachable", null, true)]
    [InlineData("Unreachable", 200, false)]
    [InlineData("TimedOut", null, false)]
    [InlineData("Malformed", 200, false)]
    [InlineData("Overloaded", null, false)]
    [InlineData("CircuitOpen", null, false)]
    public void Only_faults_that_may_pass_by_themselves_are_retried(string kind, int? status, bool expected) =>
        new UpstreamFault(Enum.Parse<UpstreamFaultKind>(kind)) { Status = status }.IsRetryable().Should().Be(expected);

    [Fact]
    public void Connect_timeout_is_retried() => new UpstreamFault(UpstreamFaultKind.TimedOut) { DuringConnect = true }.IsRetryable().Should().BeTrue();

    [Fact]
    public void Only_what_is_about_the_request_itself_our_own_memory_and_our_own_cancellation_end_a_rotation() =>
        Enum.GetValues<UpstreamFaultKind>().Where(k => !new UpstreamFault(k).MayRotate())
            .Should().BeEquivalentTo([UpstreamFaultKind.BadRequest, UpstreamFaultKind.Moderation, UpstreamFaultKind.NoMemory, UpstreamFaultKind.Cancelled]);

    [Fact]
    public void Only_connection_faults_timeouts_and_server_errors_count_against_the_upstream() =>
        Enum.GetValues<UpstreamFaultKind>().Where(k => new UpstreamFault(k).CountsForBreaker())
            .Should().BeEquivalentTo([UpstreamFaultKind.Unreachable, UpstreamFaultKind.TimedOut, UpstreamFaultKind.ServerError]);

    [Theory]
    [InlineData("ServerError", 500, true)]
    [InlineData("ServerError", 501, true)]
    [InlineData("ServerError", 502, false)]
    [InlineData("ServerError", 503, false)]
    [InlineData("ServerError", 504, false)]
    [InlineData("ServerError", 520, false)]
    [InlineData("ServerError", 529, false)]
    [InlineData("Unreachable", null, false)]
    [InlineData("TimedOut", null, false)]
    public void Only_an_answer_that_something_failed_may_be_the_requests_own_doing(string kind, int? status, bool expected) =>
        new UpstreamFault(Enum.Parse<UpstreamFaultKind>(kind)) { Status = status }.MayBeTheRequests().Should().Be(expected);

    [Fact]
    public void Retry_after_reaches_the_client_with_429_and_503()
    {
        var wait = TimeSpan.FromSeconds(7);

        new UpstreamFault(UpstreamFaultKind.RateLimited) { Status = 429, RetryAfter = wait }.ToGatewayError("a").RetryAfter.Should().Be(wait);
        new UpstreamFault(UpstreamFaultKind.CircuitOpen) { RetryAfter = wait }.ToGatewayError("a").RetryAfter.Should().Be(wait);
        new UpstreamFault(UpstreamFaultKind.Overloaded).ToGatewayError("a").RetryAfter.Should().Be(TimeSpan.FromSeconds(1));
        new UpstreamFault(UpstreamFaultKind.RateLimited) { Status = 429 }.ToGatewayError("a").RetryAfter.Should().BeNull();
    }

    [Fact]
    public void Stall_in_mid_stream_is_a_timeout_for_the_client() =>
        new UpstreamFault(UpstreamFaultKind.StreamBroken) { IsStall = true }.ToGatewayError("a").Code.Should().Be("upstream_timeout");
}
