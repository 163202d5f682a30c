using System.Text;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public sealed class OpenAiErrorsTests
{
    [Theory]
    [InlineData(301, "Redirected")]
    [InlineData(304, "Redirected")]
    [InlineData(400, "BadRequest")]
    [InlineData(401, "Unauthorized")]
    [InlineData(402, "Billing")]
    [InlineData(403, "Unauthorized")]
    [InlineData(404, "Rejected")]
    [InlineData(408, "Rejected")]
    [InlineData(409, "Rejected")]
    [InlineData(413, "ContextTooLong")]
    [InlineData(422, "BadRequest")]
    [InlineData(429, "RateLimited")]
    [InlineData(500, "ServerError")]
    [InlineData(529, "ServerError")]
    public void Status_decides_the_kind(int status, string kind)
    {
        var fault = Read(status, """{"error":{"message":"no","type":"x","param":null,"code":"y"}}""");

        (fault.Kind.ToString(), fault.Status).Should().Be((kind, status));
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","code":"context_length_exceeded"}}""")]
    [InlineData("""{"error":{"code":400,"message":"m","type":"exceed_context_size_error","n_prompt_tokens":9}}""")]
    [InlineData("""{"error":{"message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}}""")]
    [InlineData("""{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}""")]
    [InlineData("""{"error":"the prompt is too long for this model: prompt is too long"}""")]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}""")]
    public void Client_error_about_context_is_recognised_in_the_shapes_servers_send(string body)
    {
        Read(400, body).Kind.Should().Be(UpstreamFaultKind.ContextTooLong);
        Read(422, body).Kind.Should().Be(UpstreamFaultKind.ContextTooLong);
        Read(403, body).Kind.Should().Be(UpstreamFaultKind.ContextTooLong);
        Read(500, body).Kind.Should().Be(UpstreamFaultKind.ContextTooLong, "asking again would not help");
    }

    [Theory]
    [InlineData("""{"error":{"message":"no"}}""", true)]
    [InlineData("""{"error":{"message":"no"},"x":1}""", true)]
    [InlineData("""{"error":{"message":5}}""", false)]
    [InlineData("""{"error":{"msg":"no"}}""", false)]
    [InlineData("""{"error":"no"}""", false)]
    [InlineData("""{"message":"no"}""", false)]
    [InlineData("""["error"]""", false)]
    [InlineData("""<html>Bad gateway</html>""", false)]
    [InlineData("""{"error":{"message":"cut of""", false)]
    [InlineData("", false)]
    public void Only_an_error_object_with_a_message_is_kept_for_relaying(string body, bool isKept) =>
        Read(400, body).ErrorBody.HasValue.Should().Be(isKept);

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(302)]
    public void Error_about_the_operators_side_is_never_relayed(int status) =>
        Read(status, """{"error":{"message":"wrong key sk-…"}}""").MayRelayBody.Should().BeFalse();

    [Fact]
    public void Text_that_is_no_unicode_does_not_throw()
    {
        byte[] body = [.. "{\"error\":{\"message\":\""u8, 0xC3, 0x28, .. "\"}}"u8];

        OpenAiErrors.Read(400, body).Kind.Should().Be(UpstreamFaultKind.BadRequest);
        Read(400, """{"error":{"message":"\ud800"}}""").Kind.Should().Be(UpstreamFaultKind.BadRequest);
    }

    [Theory]
    [InlineData("""{"\ud800":1,"error":{"message":"m","code":"context_length_exceeded"}}""")]
    [InlineData("""{"error":{"\ud800":1,"\ud800abcde":1,"message":"m","code":"context_length_exceeded"}}""")]
    [InlineData("""{"error":{"message":"cut in a face: \ud83d","type":"\ud800","code":"context_length_exceeded"}}""")]
    [InlineData("""{"error":"This model's maximum context length is 9 (asked: \ud83d)"}""")]
    public void Half_of_a_surrogate_pair_hides_nothing_of_what_failed(string body)
    {
        Read(400, body).Kind.Should().Be(UpstreamFaultKind.ContextTooLong);
        OpenAiErrors.ReadEvent(Encoding.UTF8.GetBytes(body)).Kind.Should().Be(UpstreamFaultKind.ContextTooLong);
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","code":"context_length_exceeded"}}""", "ContextTooLong")]
    [InlineData("""{"error":{"message":"m","code":429}}""", "RateLimited")]
    [InlineData("""{"error":{"message":"m","code":503}}""", "ServerError")]
    [InlineData("""{"error":{"message":"m"}}""", "StreamBroken")]
    [InlineData("""{"error":"m"}""", "StreamBroken")]
    public void Error_event_says_what_its_document_says(string data, string kind) =>
        OpenAiErrors.ReadEvent(Encoding.UTF8.GetBytes(data)).Kind.ToString().Should().Be(kind);

    private static UpstreamFault Read(int status, string body) => OpenAiErrors.Read(status, Encoding.UTF8.GetBytes(body));
}
