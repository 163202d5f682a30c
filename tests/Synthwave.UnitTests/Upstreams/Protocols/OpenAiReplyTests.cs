using System.Text;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols;
using Synthwave.Upstreams.Protocols.OpenAi;
using Body = Synthwave.Chat.Bodies.ChatBody;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public sealed class OpenAiReplyTests
{
    private static readonly AnswerLabels Labels = new("asked", TimeProvider.System);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1} x")]
    [InlineData("<html>")]
    [InlineData("data: {}\n\n")]
    public void Anything_but_one_json_object_is_malformed(string body) => Read(body).Should().BeOfType<FaultedUpstreamReply>().Which.Fault.Kind.Should().Be(UpstreamFaultKind.Malformed);

    [Fact]
    public void Broken_utf8_anywhere_is_malformed() => new OpenAiProtocol(Labels).ReadReply(200, "{\"choices\":\"\xC3("u8.ToArray()).Reply.Should().BeOfType<FaultedUpstreamReply>();

    [Fact]
    public void Nesting_beyond_256_is_malformed_and_does_not_exhaust_the_stack()
    {
        Read("{\"choices\":[{\"message\":{\"content\":\"x\"}}],\"a\":" + new string('[', 255) + new string(']', 255) + "}").Should().BeOfType<CompleteUpstreamReply>();
        Read("{\"a\":" + new string('[', 100_000) + new string(']', 100_000) + "}").Should().BeOfType<FaultedUpstreamReply>();
    }

    [Theory]
    [InlineData("""{"error":{"message":"odd"}}""", "Malformed", 200)]
    [InlineData("""{"object":"error","message":"Rate limit reached","code":429}""", "RateLimited", 429)]
    [InlineData("""{"code":1234,"msg":"quota used up"}""", "Billing", 402)]
    [InlineData("""{"error":{"code":429,"message":"slow down"}}""", "RateLimited", 429)]
    [InlineData("""{"error":{"code":"503","message":"no"}}""", "ServerError", 503)]
    [InlineData("""{"error":{"message":"This model's maximum context length is 10 tokens"}}""", "ContextTooLong", 200)]
    [InlineData("""{"success":false,"message":"Invalid API key"}""", "Unauthorized", 200)]
    [InlineData("""{"choices":[],"error":null}""", "Malformed", 200)]
    [InlineData("""{"choices":null}""", "Malformed", 200)]
    [InlineData("{}", "Malformed", 200)]
    public void An_object_without_a_choice_is_the_failure_its_words_tell(string body, string kind, int status)
    {
        var fault = Read(body).Should().BeOfType<FaultedUpstreamReply>().Which.Fault;

        (fault.Kind.ToString(), fault.Status).Should().Be((kind, status));
    }

    [Fact]
    public void Byte_order_mark_is_left_out()
    {
        var document = """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}"""u8.ToArray();

        new OpenAiProtocol(Labels).ReadReply(200, (byte[])[0xEF, 0xBB, 0xBF, .. document]).Reply.Should().BeOfType<CompleteUpstreamReply>()
            .Which.Body.ToArray().Should().Equal(document);
    }

    [Fact]
    public void Model_usage_and_finish_reason_are_reported()
    {
        var reading = new OpenAiProtocol(Labels).ReadReply(200, Encoding.UTF8.GetBytes("""{"model":"m","choices":[{"message":{"content":"x"},"finish_reason":"stop","a":{"usage":1}}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"""));

        (reading.Model, reading.FinishReason).Should().Be(("m", "stop"));
        reading.Usage!.TotalTokens.Should().Be(7);
    }

    [Theory]
    [InlineData(400, "property 'reasoning_content' is unsupported", null)]
    [InlineData(422, "Extra inputs are not permitted: messages.2.assistant.reasoning_content", null)]
    [InlineData(400, "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2", "reasoning_content")]
    [InlineData(400, "The `reasoning_content` in the thinking mode must be passed back to the API.", "reasoning_content")]
    [InlineData(400, "temperature is unsupported", "reasoning_content")]
    [InlineData(500, "property 'reasoning_content' is unsupported", "reasoning_content")]
    public void A_server_that_takes_no_reasoning_back_is_given_none_anymore(int status, string message, string? expected)
    {
        var memory = new ThinkingStore(TimeProvider.System).Open();
        memory.NoteMember("reasoning_content");
        memory.Keep("a", "{}"u8.ToArray());

        new OpenAiProtocol(Labels, memory).ReadError(status, Encoding.UTF8.GetBytes("{\"error\":{\"message\":\"" + message + "\"}}"));

        memory.MemberFor(null).Should().Be(expected);
        memory.IsEmpty.Should().Be(expected is null);
    }

    [Fact]
    public void A_refusal_that_the_client_may_have_provoked_changes_nothing()
    {
        var memory = new ThinkingStore(TimeProvider.System).Open();
        memory.NoteMember("reasoning_content");
        var error = "{\"error\":{\"message\":\"property 'reasoning_content' is unsupported\"}}"u8.ToArray();
        var own = Body.FromJson("""{"messages":[{"role":"user","content":"u","reasoning_content":1}]}"""u8.ToArray());
        var other = Body.FromJson("""{"messages":[{"role":"user","content":"u"}]}"""u8.ToArray());

        new OpenAiProtocol(Labels, memory).ReadError(400, error, new Asking(own, "alice"));
        memory.MemberFor("alice").Should().NotBeNull();

        new OpenAiProtocol(Labels, memory).ReadError(400, error, new Asking(other, "alice"));
        memory.MemberFor("alice").Should().BeNull();
        memory.MemberFor("bob").Should().NotBeNull();
    }

    private static UpstreamReply Read(string body) => new OpenAiProtocol(Labels).ReadReply(200, Encoding.UTF8.GetBytes(body)).Reply;

    [Theory]
    [InlineData("""{"error":{"message":"bad"}}""", true)]
    [InlineData("""[{"error":{"message":"bad"}}]""", false)]
    [InlineData("""{"errors":[{"error":{"message":"bad"}}]}""", false)]
    public void Only_an_object_is_relayed_as_an_error(string body, bool isRelayed)
    {
        var fault = new OpenAiProtocol(Labels).ReadError(400, Encoding.UTF8.GetBytes(body));

        fault.Sentence.Should().Be("bad");
        fault.ErrorBody.HasValue.Should().Be(isRelayed);
    }
}
