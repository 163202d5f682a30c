using System.Text;
using Synthwave.Chat;
using Synthwave.Chat.Requests;

namespace Synthwave.UnitTests.Chat;

public sealed class RequestToolTests
{
    private const string Prefix = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]";
    private const string F = "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}";

    [Theory]
    [InlineData("\"tools\":[],\"functions\":[]", "")]
    [InlineData("\"tools\":null,\"functions\":null,\"tool_choice\":null,\"function_call\":null,\"allowed_tools\":null,\"parallel_tool_calls\":null", "")]
    [InlineData("\"tools\":[],\"functions\":[{\"name\":\"a\"}]", "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]")]
    [InlineData("\"tools\":[" + F + "],\"functions\":[]", "\"tools\":[" + F + "]")]
    [InlineData("\"functions\":[ {\"name\" : \"f\"} ,{ \"x\":1.10}],\"n\":1",
        "\"n\":1,\"tools\":[{\"type\":\"function\",\"function\":{\"name\" : \"f\"}},{\"type\":\"function\",\"function\":{ \"x\":1.10}}]")]
    [InlineData("\"functions\":[{\"name\":\"f\"}],\"function_call\":{\"name\":\"\\u0066\",\"x\":1}",
        "\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"\\u0066\"}}")]
    [InlineData("\"functions\":[{\"name\":\"f\"}],\"function_call\":\"none\"", "\"tools\":[" + F + "],\"tool_choice\":\"none\"")]
    [InlineData("\"function_call\":\"auto\",\"tool_choice\":null", "")]
    [InlineData("\"tool_choice\":\"none\",\"parallel_tool_calls\":false", "")]
    [InlineData("\"tools\":[],\"tool_choice\":\"auto\",\"parallel_tool_calls\":true", "")]
    [InlineData("\"tools\":null,\"parallel_tool_calls\":false", "")]
    [InlineData("\"functions\":[],\"function_call\":\"auto\"", "")]
    [InlineData("\"tools\":[],\"functions\":[],\"function_call\":\"none\",\"parallel_tool_calls\":false", "")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":\"auto\",\"parallel_tool_calls\":false", "\"tools\":[" + F + "],\"tool_choice\":\"auto\",\"parallel_tool_calls\":false")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "\"tools\":[{\"type\":\"function\",\"function\":{}}]")]
    public void Members_are_brought_into_one_form(string members, string expected)
    {
        var request = Accepted(members);

        var separator = expected.Length == 0 ? "" : ",";
        Encoding.UTF8.GetString(request.Body.ToArray()).Should().Be(Prefix + separator + expected + "}");
    }

    [Theory]
    [InlineData("\"allowed_tools\":[],\"tools\":[" + F + "]", "feature_not_supported_in_v1", "allowed_tools")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{}}]", "feature_not_supported_in_v1", "tools[0]")]
    [InlineData("\"tools\":[" + F + ",{\"type\":\"web_search\"}],\"tool_choice\":\"auto\"", "feature_not_supported_in_v1", "tools[1]")]
    [InlineData("\"tools\":[{\"google_search\":{}}]", "feature_not_supported_in_v1", "tools[0]")]
    [InlineData("\"tools\":[{\"type\":\"builtin_function\",\"function\":{\"name\":\"$web_search\"}}],\"parallel_tool_calls\":false", "feature_not_supported_in_v1", "tools[0]")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"name\":\"g\"}],\"tool_choice\":" + F, "feature_not_supported_in_v1", "tools[0]")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"custom\"}", "feature_not_supported_in_v1", "tool_choice")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":{\"type\":null}", "feature_not_supported_in_v1", "tool_choice")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[]}}", "feature_not_supported_in_v1", "tool_choice")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":\"any\"", "invalid_request_error", "tool_choice")]
    [InlineData("\"tools\":[],\"tool_choice\":\"any\",\"parallel_tool_calls\":true", "invalid_request_error", "tool_choice")]
    public void What_only_an_upstream_may_know_stays_as_it_came_and_is_named(string members, string code, string param)
    {
        var request = Accepted(members);

        Encoding.UTF8.GetString(request.Body.ToArray()).Should().Be($"{Prefix},{members}}}");
        request.Foreign!.Status.Should().Be(400);
        request.Foreign.Code.Should().Be(code);
        request.Foreign.Param.Should().Be(param);
    }

    [Theory]
    [InlineData("\"tools\":[" + F + "],\"functions\":[{}]", "invalid_request_error", "functions")]
    [InlineData("\"tool_choice\":\"auto\",\"function_call\":\"auto\"", "invalid_request_error", "function_call")]
    [InlineData("\"function_call\":\"required\"", "invalid_request_error", "function_call")]
    [InlineData("\"function_call\":\"\"", "invalid_request_error", "function_call")]
    [InlineData("\"function_call\":{}", "invalid_request_error", "function_call")]
    [InlineData("\"function_call\":{\"name\":\"\"}", "invalid_request_error", "function_call")]
    [InlineData("\"function_call\":{\"name\":5}", "invalid_request_error", "function_call")]
    [InlineData("\"tools\":[" + F + ",{\"function\":{\"name\":\"f\"}}]", "invalid_request_error", "tools[1]")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "invalid_request_error", "tools[0]")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":null}]", "invalid_request_error", "tools[0]")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{}},{}]", "invalid_request_error", "tools[1]")]
    [InlineData("\"tools\":[{\"type\":\"custom\"}],\"function_call\":\"x\"", "invalid_request_error", "function_call")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":{\"function\":{\"name\":\"f\"}}", "invalid_request_error", "tool_choice")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"function\"}", "invalid_request_error", "tool_choice")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"function\",\"function\":\"f\"}", "invalid_request_error", "tool_choice")]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"\"}}", "invalid_request_error", "tool_choice")]
    [InlineData("\"tool_choice\":\"\"", "invalid_request_error", "tool_choice")]
    [InlineData("\"tool_choice\":\"required\"", "invalid_request_error", "tool_choice")]
    [InlineData("\"tools\":[],\"tool_choice\":\"required\"", "invalid_request_error", "tool_choice")]
    [InlineData("\"functions\":[],\"tool_choice\":\"required\"", "invalid_request_error", "tool_choice")]
    public void Misuse_is_refused_in_order(string members, string code, string param)
    {
        var error = Refused(members);

        error.Status.Should().Be(400);
        error.EffectiveType.Should().Be("invalid_request_error");
        error.Code.Should().Be(code);
        error.Param.Should().Be(param);
    }

    [Theory]
    [InlineData("\"tool_choice\":" + F, "no `tools` are declared")]
    [InlineData("\"tools\":[],\"tool_choice\":" + F, "no `tools` are declared")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"\"}}],\"tool_choice\":" + F, "no `tools` are declared")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}],\"tool_choice\":" + F, "not in declared `tools`")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"F\"}}],\"tool_choice\":" + F, "not in declared `tools`")]
    [InlineData("\"functions\":[{\"name\":\"g\"}],\"function_call\":{\"name\":\"f\"}", "not in declared `tools`")]
    [InlineData("\"function_call\":{\"name\":\"f\"}", "no `tools` are declared")]
    public void Forced_function_must_be_declared(string members, string fragment)
    {
        var error = Refused(members);

        error.Code.Should().Be("invalid_request_error");
        error.Message.Should().Contain(fragment).And.Contain(" f");
    }

    [Theory]
    [InlineData("\"tool_choice\":" + F + ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}," + F + "]")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"\\u0066\"}}],\"tool_choice\":" + F)]
    [InlineData("\"functions\":[{\"name\":\"g\"},{\"name\":\"f\"}],\"function_call\":{\"name\":\"f\"}")]
    [InlineData("\"functions\":[{\"name\":\"f\"}],\"tool_choice\":" + F)]
    public void Declared_function_can_be_forced(string members)
    {
        var request = Accepted(members);

        request.ToolChoice.Should().Be(ToolChoice.Specific);
        request.ForcedTool.Should().Be("f");
        request.HasTools.Should().BeTrue();
    }

    [Theory]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"\\ud800\"}}")]
    [InlineData("\"function_call\":{\"name\":\"\\ud800\"}")]
    public void Forced_name_without_a_utf8_form_is_refused(string members)
    {
        Refused(members).Code.Should().Be("invalid_request_error");
    }

    [Theory]
    [InlineData("\"n\":1", ToolChoice.Absent, false, true)]
    [InlineData("\"tools\":[" + F + "]", ToolChoice.Absent, true, true)]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":\"none\"", ToolChoice.None, true, true)]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":\"auto\",\"parallel_tool_calls\":false", ToolChoice.Auto, true, false)]
    [InlineData("\"tools\":[" + F + "],\"tool_choice\":\"required\",\"parallel_tool_calls\":\"false\"", ToolChoice.Required, true, false)]
    [InlineData("\"functions\":[{}],\"function_call\":\"auto\",\"parallel_tool_calls\":0", ToolChoice.Auto, true, false)]
    public void Tool_members_become_facts(string members, object choice, bool hasTools, bool parallel)
    {
        var request = Accepted(members);

        request.ToolChoice.Should().Be((ToolChoice)choice);
        request.HasTools.Should().Be(hasTools);
        request.ParallelToolCalls.Should().Be(parallel);
        request.ForcedTool.Should().BeNull();
    }

    [Theory]
    [InlineData("\"n\":1", 0)]
    [InlineData("\"tools\":[]", 0)]
    [InlineData("\"tools\":[" + F + "]", 80)]
    [InlineData("\"functions\":[{\"name\":\"f\"}]", 80)]
    [InlineData("\"functions\":[{\"name\":\"é\"}]", 82)]
    [InlineData("\"functions\":[ {\"name\" : \"f\"},{\"name\":\"f\"}]", 64 + 32)]
    public void Tool_estimate_is_of_the_promoted_form(string members, int expected)
    {
        Accepted(members).ToolsTokens.Should().Be(expected);
    }

    [Fact]
    public void Promoted_estimate_equals_that_of_the_rendered_tools()
    {
        var request = Accepted("\"functions\":[{\"name\":\"日\\n\",\"parameters\":{\"a\":[1,2.0]}},{},{\"x\":\"\\\"\"}]");

        request.Body.TryGet("tools", out var tools).Should().BeTrue();
        request.ToolsTokens.Should().Be(TokenEstimator.Tools(tools.Span));
    }

    private static ChatRequest Accepted(string members)
    {
        var reading = Read(members);
        reading.SchemaError.Should().BeNull(members);
        reading.CheckError.Should().BeNull(members);
        return reading.Request!;
    }

    private static GatewayError Refused(string members)
    {
        var reading = Read(members);
        reading.Request.Should().BeNull(members);
        reading.SchemaError.Should().BeNull(members);
        return reading.CheckError!;
    }

    private static ChatRequestReading Read(string members) => ChatRequestReader.Read(Encoding.UTF8.GetBytes($"{Prefix},{members}}}"));
}
