using System.Text;
using Synthwave.Proof.Hostile;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.UnitTests.Proof;

/// <summary>A proof that takes everything for good proves nothing.</summary>
public sealed class AnswerCheckTests
{
    private const string Json = "application/json";
    private const string Events = "text/event-stream";

    [Theory]
    [InlineData(200, Json, """{"choices":[]}""")]
    [InlineData(400, Json, """{"error":{"message":"no"}}""")]
    [InlineData(200, Events, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n")]
    [InlineData(200, Events, "data: {\"choices\":[]}\n\n: beat\n\ndata: {\"error\":{\"message\":\"no\"}}\n\n")]
    [InlineData(200, Events, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")]
    [InlineData(200, "text/plain", "ok")]
    public void What_may_be_is_no_problem(int status, string type, string body) =>
        Judge(status, type, body).Problem.Should().BeNull();

    [Theory]
    [InlineData(200, Json, """{"choices":[]""", "a document that is no JSON")]
    [InlineData(400, Json, "{}", "status 400 without an error document")]
    [InlineData(400, Json, "", "status 400 without a document")]
    [InlineData(400, "text/html", "<p>no</p>", "status 400 as text/html")]
    [InlineData(500, Json, """{"error":{"message":"x"}}""", "status 500 without an upstream's fault")]
    [InlineData(503, Json, """{"error":{"message":"x"}}""", "status 503 without an upstream's fault")]
    [InlineData(200, Events, "data: {\"choices\":[]}\n\n", "a stream without an end")]
    [InlineData(200, Events, ": beat\n\n", "a stream without an event")]
    [InlineData(200, Events, "data: {\"cho\n\n", "a stream whose last event is no JSON")]
    [InlineData(401, Json, """{"error":{"message":"is sk-upstream-key-canary-9b3e2a4c6d right?"}}""", "a secret in an answer with status 401")]
    public void What_may_not_be_is_one(int status, string type, string body, string problem) =>
        Judge(status, type, body).Problem.Should().StartWith(problem);

    [Fact]
    public void Whatever_breaks_off_is_told_from_what_ends()
    {
        Judge(200, Json, """{"a""", MessageEnd.Cut).Problem.Should().StartWith("the answer breaks off");
        Judge(200, Json, """{"a""", MessageEnd.Cut, upstreamFails: true).Problem.Should().BeNull("nothing else can be told of a document whose upstream broke off");
        Judge(200, Events, "data: [DONE]\n\n", MessageEnd.Cut, upstreamFails: true).Problem.Should().StartWith("a stream that breaks off");
        AnswerCheck.Judge(null, default).Problem.Should().Be("closed without an answer");
    }

    [Fact]
    public void A_failure_of_an_upstream_is_no_failure_of_the_gateway_unless_the_gateway_says_so()
    {
        Judge(502, Json, """{"error":{"message":"x"}}""", upstreamFails: true).Problem.Should().BeNull();
        Judge(500, Json, """{"error":{"message":"internal server error"}}""", upstreamFails: true).Problem.Should().StartWith("status 500 without an upstream's fault");
    }

    private static Ending Judge(int status, string type, string body, MessageEnd end = MessageEnd.Whole, bool upstreamFails = false) =>
        AnswerCheck.Judge(new HttpMessage($"HTTP/1.1 {status} Odd", [("content-type", type)], Encoding.UTF8.GetBytes(body), end), default, upstreamFails);
}
