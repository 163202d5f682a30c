using System.Text;
using Synthwave.Api.Answers;
using Synthwave.Chat;

namespace Synthwave.UnitTests.Api.Answers;

public class OpenAiErrorsTests
{
    [Fact]
    public void The_envelope_has_four_members_in_order_whatever_is_known()
    {
        Text(OpenAiErrors.Envelope(new GatewayError(503, null, "later"))).Should()
            .Be("{\"error\":{\"message\":\"later\",\"type\":\"service_unavailable_error\",\"param\":null,\"code\":null}}");
        Text(OpenAiErrors.Envelope(GatewayError.BadRequest("duplicate_key", "é <\"> 😀", "model"))).Should()
            .Be("{\"error\":{\"message\":\"é <\\\"> 😀\",\"type\":\"invalid_request_error\",\"param\":\"model\",\"code\":\"duplicate_key\"}}".Replace("😀", "\\uD83D\\uDE00", StringComparison.Ordinal));
    }

    [Fact]
    public void In_a_stream_it_is_one_event() =>
        Text(OpenAiErrors.Event(new GatewayError(502, "upstream_error", "a\nb"))).Should()
            .Be("data: {\"error\":{\"message\":\"a\\nb\",\"type\":\"api_error\",\"param\":null,\"code\":\"upstream_error\"}}\n\n");

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
