using System.Text;
using Synthwave.Chat;
using Synthwave.Chat.Requests;

namespace Synthwave.UnitTests.Chat;

public sealed class RequestSchemaTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{\"model\":\"m\",}")]
    [InlineData("{\"model\":NaN}")]
    [InlineData("{'model':'m'}")]
    [InlineData("{\"model\":\"m\"} trailing")]
    [InlineData("{\"model\":\"m\"}{}")]
    [InlineData("{\"\\ud800\":1}")]
    public void What_is_no_json_object_is_a_bad_request_without_param(string body)
    {
        var error = SchemaError(body);

        error.Status.Should().Be(400);
        error.EffectiveType.Should().Be("invalid_request_error");
        error.Code.Should().BeNull();
        error.Param.Should().BeNull();
    }

    [Fact]
    public void Syntax_error_tells_where()
    {
        SchemaError("{\"model\":\"m\",\n  oops}").Message.Should().Contain("line 2").And.Contain("byte 3");
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xC0, 0xAF })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    public void Invalid_utf8_is_found_in_text_nobody_reads(byte[] text)
    {
        byte[] body = [.. Encoding.UTF8.GetBytes($"{{\"model\":\"m\",{Messages},\"user\":\""), .. text, .. "\"}"u8];

        var reading = ChatRequestReader.Read(body);

        reading.SchemaError!.Param.Should().BeNull();
        reading.SchemaError.Message.Should().Contain("UTF-8");
    }

    [Fact]
    public void Byte_order_mark_is_skipped()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes($"{{\"model\":\"m\",{Messages}}}")];

        ChatRequestReader.Read(body).Request!.Body.ToArray().Should().Equal(body[3..]);
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(100_000, false)]
    public void Nesting_is_limited(int depth, bool isAccepted)
    {
        var body = $"{{\"model\":\"m\",{Messages},\"x\":{new string('[', depth)}{new string(']', depth)}}}";

        var reading = Read(body);

        (reading.Request is not null).Should().Be(isAccepted);
        (reading.SchemaError?.Message.Contains("256 levels") ?? false).Should().Be(!isAccepted);
    }

    [Theory]
    [InlineData("{}", "model")]
    [InlineData("{\"model\":null}", "model")]
    [InlineData("{\"model\":5}", "model")]
    [InlineData("{\"model\":[]}", "model")]
    [InlineData("{\"model\":\"\\ud800\"}", "model")]
    [InlineData("{\"model\":\"m\"}", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":null}", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":{}}", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":[]}", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":[\"hi\"]}", "messages[0]")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":\"user\"},null]}", "messages[1]")]
    [InlineData("{\"model\":\"m\",\"messages\":[{}]}", "messages[0].role")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":null}]}", "messages[0].role")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":{}}]}", "messages[0].role")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":\"User\"}]}", "messages[0].role")]
    public void Required_members_are_demanded(string body, string param)
    {
        SchemaError(body).Param.Should().Be(param);
    }

    [Theory]
    [InlineData("\"content\":5", "messages[0].content")]
    [InlineData("\"content\":true", "messages[0].content")]
    [InlineData("\"content\":{}", "messages[0].content")]
    [InlineData("\"content\":[\"a\"]", "messages[0].content")]
    [InlineData("\"content\":[{\"type\":\"text\",\"text\":\"a\"},null]", "messages[0].content")]
    [InlineData("\"name\":5", "messages[0].name")]
    [InlineData("\"tool_call_id\":{}", "messages[0].tool_call_id")]
    [InlineData("\"tool_calls\":{}", "messages[0].tool_calls")]
    [InlineData("\"tool_calls\":[{},5]", "messages[0].tool_calls[1]")]
    [InlineData("\"tool_calls\":5,\"name\":5,\"content\":5", "messages[0].content")]
    [InlineData("\"tool_calls\":5,\"tool_call_id\":5", "messages[0].tool_call_id")]
    public void Message_members_are_judged_in_table_order(string members, string param)
    {
        SchemaError($"{{\"model\":\"m\",\"messages\":[{{{members},\"role\":\"user\"}},{{}}]}}").Param.Should().Be(param);
    }

    [Theory]
    [InlineData("\"tools\":{}", "tools")]
    [InlineData("\"tools\":[5]", "tools[0]")]
    [InlineData("\"tools\":[{},{\"type\":5}]", "tools[1].type")]
    [InlineData("\"tools\":[{\"type\":null}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"function\":5,\"type\":5}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":[]}]", "tools[0].function")]
    [InlineData("\"functions\":\"f\"", "functions")]
    [InlineData("\"functions\":[{},[]]", "functions[1]")]
    [InlineData("\"tool_choice\":5", "tool_choice")]
    [InlineData("\"tool_choice\":[]", "tool_choice")]
    [InlineData("\"function_call\":true", "function_call")]
    [InlineData("\"parallel_tool_calls\":\"maybe\"", "parallel_tool_calls")]
    [InlineData("\"parallel_tool_calls\":2", "parallel_tool_calls")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"max_tokens\":-1", "max_tokens")]
    [InlineData("\"max_tokens\":1.5", "max_tokens")]
    [InlineData("\"max_tokens\":1e999", "max_tokens")]
    [InlineData("\"max_tokens\":\"many\"", "max_tokens")]
    [InlineData("\"max_tokens\":[1]", "max_tokens")]
    [InlineData("\"max_completion_tokens\":\"\"", "max_completion_tokens")]
    [InlineData("\"stream\":\"\"", "stream")]
    [InlineData("\"stream\":[]", "stream")]
    [InlineData("\"stream\":0.5", "stream")]
    [InlineData("\"stream_options\":true", "stream_options")]
    [InlineData("\"temperature\":2.1", "temperature")]
    [InlineData("\"temperature\":-0.1", "temperature")]
    [InlineData("\"temperature\":\"NaN\"", "temperature")]
    [InlineData("\"temperature\":\"hot\"", "temperature")]
    [InlineData("\"top_p\":1.1", "top_p")]
    [InlineData("\"top_p\":{}", "top_p")]
    [InlineData("\"stop\":5", "stop")]
    [InlineData("\"stop\":{}", "stop")]
    [InlineData("\"stop\":[\"a\",5]", "stop")]
    [InlineData("\"response_format\":\"json\"", "response_format")]
    [InlineData("\"n\":0", "n")]
    [InlineData("\"x_meta_model\":[]", "x_meta_model")]
    [InlineData("\"x_meta_model\":{\"profile\":5}", "x_meta_model.profile")]
    [InlineData("\"x_meta_model\":{\"profile\":\"\\udc00\"}", "x_meta_model.profile")]
    [InlineData("\"x_meta_model\":{\"trace\":\"perhaps\"}", "x_meta_model.trace")]
    [InlineData("\"x_meta_model\":{\"trace\":null}", "x_meta_model.trace")]
    [InlineData("\"x_meta_model\":{\"max_calls\":0}", "x_meta_model.max_calls")]
    [InlineData("\"x_meta_model\":{\"max_cost_usd\":0}", "x_meta_model.max_cost_usd")]
    [InlineData("\"x_meta_model\":{\"max_cost_usd\":{}}", "x_meta_model.max_cost_usd")]
    [InlineData("\"x_meta_model\":{\"max_latency_ms\":1.5}", "x_meta_model.max_latency_ms")]
    [InlineData("\"x_meta_model\":{\"other\":{\"a\":[1]}}", "x_meta_model.other")]
    [InlineData("\"x_meta_model\":{\"other\":1,\"trace\":5,\"profile\":5}", "x_meta_model.profile")]
    [InlineData("\"x_meta_model\":{\"b\":1,\"a\":1}", "x_meta_model.b")]
    public void Optional_members_have_their_types(string member, string param)
    {
        var error = SchemaError($"{{\"model\":\"m\",{Messages},{member}}}");

        error.Param.Should().Be(param);
        error.Code.Should().BeNull();
        error.Status.Should().Be(400);
        error.Message.Should().StartWith(param);
    }

    [Theory]
    [InlineData("\"n\":\"x\",\"messages\":[],\"model\":5", "model")]
    [InlineData("\"n\":\"x\",\"messages\":[],\"model\":\"m\"", "messages")]
    [InlineData("\"x_meta_model\":1,\"n\":0,\"response_format\":1,\"stop\":1,\"messages\":[{\"role\":\"user\"}],\"model\":\"m\"", "stop")]
    [InlineData("\"top_p\":9,\"temperature\":9,\"messages\":[{\"role\":\"user\"}],\"model\":\"m\"", "temperature")]
    [InlineData("\"functions\":1,\"tools\":1,\"messages\":[{\"role\":\"user\"}],\"model\":\"m\"", "tools")]
    [InlineData("\"messages\":[{\"role\":\"user\"},{\"role\":\"x\"},{}],\"model\":\"m\"", "messages[1].role")]
    [InlineData("\"n\":0", "model")]
    public void First_error_is_the_first_of_the_table_not_of_the_document(string members, string param)
    {
        SchemaError($"{{{members}}}").Param.Should().Be(param);
    }

    [Theory]
    [InlineData("\"content\":null")]
    [InlineData("\"content\":\"\\ud800 carried, not decoded\"")]
    [InlineData("\"name\":null,\"tool_call_id\":null,\"tool_calls\":null")]
    [InlineData("\"tool_calls\":[]")]
    [InlineData("\"unknown\":{\"anything\":[1,\"\\ud800\"]},\"\\ud800\":1")]
    [InlineData("\"cont\\u0065nt\":\"hi\"")]
    public void Message_may_be_lax(string members)
    {
        Read($"{{\"model\":\"\",\"messages\":[{{\"role\":\"us\\u0065r\",{members}}}]}}").Request.Should().NotBeNull();
    }

    [Theory]
    [InlineData("\"stream\":null,\"parallel_tool_calls\":null,\"tools\":null,\"functions\":null,\"tool_choice\":null,\"function_call\":null")]
    [InlineData("\"max_tokens\":null,\"max_completion_tokens\":null,\"stream_options\":null,\"temperature\":null,\"top_p\":null,\"stop\":null")]
    [InlineData("\"response_format\":null,\"n\":null,\"x_meta_model\":null,\"allowed_tools\":null")]
    [InlineData("\"temperature\":\" 1.5 \",\"top_p\":true,\"n\":\"1\",\"stop\":[]")]
    [InlineData("\"temperature\":2,\"top_p\":0.0,\"n\":1.0,\"max_tokens\":99999999999999999999")]
    [InlineData("\"x_meta_model\":{\"profile\":null,\"max_calls\":null,\"max_cost_usd\":null,\"max_latency_ms\":null}")]
    [InlineData("\"unknown\":{\"a\":\"\\ud800\"},\"logit_bias\":{\"5\":1},\"user\":\"é\"")]
    public void Null_lenient_and_unknown_members_are_accepted(string members)
    {
        Read($"{{\"model\":\"m\",{Messages},{members}}}").Request.Should().NotBeNull();
    }

    [Theory]
    [InlineData("\"user\":1,\"user\":1", "user")]
    [InlineData("\"\\u0075ser\":1,\"user\":1", "user")]
    [InlineData("\"model\":\"m\"", "model")]
    [InlineData("\"user\":1,\"user\":1,\"n\":0", "user")]
    [InlineData("\"é\":1,\"\\u00e9\":1", "é")]
    public void Duplicate_key_is_refused_by_name(string members, string param)
    {
        var error = SchemaError($"{{\"model\":\"m\",{Messages},{members}}}");

        error.Code.Should().Be("duplicate_key");
        error.Param.Should().Be(param);
    }

    [Fact]
    public void Long_names_are_shown_shortened()
    {
        var name = new string('k', 100_000);

        var duplicate = SchemaError($"{{\"model\":\"m\",{Messages},\"{name}\":1,\"{name}\":1}}");
        var unknown = SchemaError($"{{\"model\":\"m\",{Messages},\"x_meta_model\":{{\"{name}\":1}}}}");
        var model = SchemaError($"{{\"model\":\"{name}\",{Messages}}}");

        duplicate.Param!.Length.Should().BeLessThan(70);
        unknown.Param!.Length.Should().BeLessThan(90);
        model.Param.Should().Be("model");
        new[] { duplicate, unknown, model }.Should().OnlyContain(error => error.Message.Length < 300);
    }

    [Fact]
    public void Duplicate_below_the_top_level_is_judged_at_every_occurrence()
    {
        Read("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"role\":\"tool\"}]}").Request.Should().NotBeNull();
        SchemaError("{\"model\":\"m\",\"messages\":[{\"role\":\"x\",\"role\":\"user\"}]}").Param.Should().Be("messages[0].role");
        SchemaError("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":5,\"content\":\"a\"}]}").Param.Should().Be("messages[0].content");
    }

    private static ChatRequestReading Read(string body) => ChatRequestReader.Read(Encoding.UTF8.GetBytes(body));

    private static GatewayError SchemaError(string body)
    {
        var reading = Read(body);
        reading.Request.Should().BeNull(body);
        reading.CheckError.Should().BeNull(body);
        reading.SchemaError.Should().NotBeNull(body);
        return reading.SchemaError!;
    }
}
