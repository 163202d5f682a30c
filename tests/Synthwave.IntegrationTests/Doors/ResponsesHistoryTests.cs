using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>Items of the Responses API that come again each turn: what a chat model is told of them.</summary>
public sealed class ResponsesHistoryTests
{
    private const string Path = "/v1/responses";

    [Fact]
    public async Task Calls_and_outputs_of_every_kind_become_calls_and_tool_messages()
    {
        (string Call, string Output, string Name, string Arguments, string Content)[] cases =
        [
            ("""{"type":"function_call","call_id":"c","name":"list","namespace":"calendar","arguments":"{}"}""", """{"type":"function_call_output","call_id":"c","output":"o"}""", "calendar__list", "{}", "o"),
            ("""{"type":"custom_tool_call","status":"completed","call_id":"c","name":"apply_patch","input":"*** \"x\"\n"}""", """{"type":"custom_tool_call_output","call_id":"c","output":"done"}""", "apply_patch", """{"input":"*** \"x\"\n"}""", "done"),
            ("""{"type":"custom_tool_call","call_id":"c","name":"n","namespace":"s","input":""}""", """{"type":"custom_tool_call_output","call_id":"c","output":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}""", "s__n", """{"input":""}""", "ab"),
            ("""{"type":"local_shell_call","id":"c","status":"completed","action":{"type":"exec","command":["ls"],"env":{}}}""", """{"type":"local_shell_call_output","id":"c","output":"files"}""", "local_shell", """{"type":"exec","command":["ls"],"env":{}}""", "files"),
            ("""{"type":"shell_call","call_id":"c","action":{"commands":["ls"]}}""", """{"type":"shell_call_output","call_id":"c","output":[{"stdout":"s","stderr":"","outcome":{"type":"exit","exit_code":0}}]}""", "shell", """{"commands":["ls"]}""", """[{"stdout":"s","stderr":"","outcome":{"type":"exit","exit_code":0}}]"""),
            ("""{"type":"apply_patch_call","call_id":"c","status":"completed","operation":{"type":"delete_file","path":"f"}}""", """{"type":"apply_patch_call_output","call_id":"c","status":"failed","output":"no such file"}""", "apply_patch", """{"type":"delete_file","path":"f"}""", "failed: no such file"),
            ("""{"type":"apply_patch_call","call_id":"c","status":"completed","operation":{"type":"delete_file","path":"f"}}""", """{"type":"apply_patch_call_output","call_id":"c","status":"completed"}""", "apply_patch", """{"type":"delete_file","path":"f"}""", "completed"),
            ("""{"type":"tool_search_call","call_id":"c","execution":"client","arguments":{"q":1}}""", """{"type":"tool_search_output","call_id":"c","tools":[]}""", "tool_search", """{"q":1}""", "Nothing was found."),
            ("""{"type":"computer_call","id":"i","call_id":"c","action":{"type":"click","x":1,"y":2},"pending_safety_checks":[],"status":"completed"}""", """{"type":"computer_call_output","call_id":"c","output":{"type":"computer_screenshot","file_id":"file_1"}}""", "computer", """{"action":{"type":"click","x":1,"y":2}}""", "[The output cannot be shown here.]"),
            ("""{"type":"computer_call","call_id":"c","actions":[{"type":"wait"}]}""", """{"type":"computer_call_output","call_id":"c","output":[{"type":"input_text","text":"done"}]}""", "computer", """{"actions":[{"type":"wait"}]}""", "done"),
            ("""{"type":"mcp_call","id":"c","server_label":"files","name":"read","arguments":"{\"p\":1}","output":"text"}""", "", "files__read", """{"p":1}""", "text"),
            ("""{"type":"code_interpreter_call","id":"c","code":"1+1","container_id":"x","outputs":[{"type":"logs","logs":"2"}]}""", "", "code_interpreter", """{"code":"1+1"}""", """[{"type":"logs","logs":"2"}]"""),
        ];
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "hi"));

        foreach (var (call, output, name, arguments, content) in cases)
        {
            var items = output.Length > 0 ? $"{call},{output}" : call;
            var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":["x",{"role":"assistant","content":"Let me."},{{items}},"go on"]}""");

            response.IsSuccessStatusCode.Should().BeTrue("{0} gave {1}", call, body);
            var messages = scenario.Models.ChatCalls.Last().Json.At("messages").EnumerateArray().ToList();
            messages.Select(m => m.At("role").GetString()).Should().Equal(["user", "assistant", "tool", "user"], "{0}", call);
            messages[1].At("content").GetString().Should().Be("Let me.");
            messages[1].At("tool_calls[0].function.name").GetString().Should().Be(name);
            JsonNode.DeepEquals(JsonNode.Parse(messages[1].At("tool_calls[0].function.arguments").GetString()!), JsonNode.Parse(arguments)).Should().BeTrue("{0}", messages[1]);
            messages[1].At("tool_calls[0].id").GetString().Should().Be("c");
            messages[2].At("tool_call_id").GetString().Should().Be("c");
            messages[2].At("content").GetString().Should().Be(content);
        }
    }

    [Theory]
    [InlineData("computer")]
    [InlineData("computer_use_preview")]
    public async Task A_screenshot_reaches_the_model_although_the_computer_is_not_offered(string tool)
    {
        await using var scenario = await GatewayScenario.StartAsync([SimulatedModel.Saying("a", "hi")], upstream: "modalities = [\"text\", \"image\"]");

        var (response, body) = await scenario.PostAsync(Path, $$"""
            {"model":"a","tools":[{"type":"{{tool}}"},{"type":"function","name":"f"}],"input":["x",{"type":"computer_call","id":"i","call_id":"c","action":{"type":"screenshot"},"status":"completed"},
             {"type":"computer_call_output","call_id":"c","acknowledged_safety_checks":[],"output":{"type":"computer_screenshot","image_url":"data:image/png;base64,iVBORw0KGgo="} }]}
            """);

        response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
        response.Header("X-MetaModel-Ignored").Should().Be(tool);
        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.At("messages[3].content[1].image_url.url").GetString().Should().StartWith("data:image/png");
        sent.At("tools").EnumerateArray().Select(t => t.At("function.name").GetString()).Should().Equal("f");
    }

    [Fact]
    public async Task Calls_side_by_side_are_one_message()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "hi"));

        await scenario.PostAsync(Path, """
            {"model":"a","input":["x",{"type":"custom_tool_call","call_id":"c1","name":"p","input":"i"},{"type":"shell_call","call_id":"c2","action":{"commands":["ls"]}},{"type":"function_call","call_id":"c3","name":"f","arguments":"{}"},
             {"type":"custom_tool_call_output","call_id":"c1","output":"1"},{"type":"shell_call_output","call_id":"c2","output":[]},{"type":"function_call_output","call_id":"c3","output":"3"}]}
            """);

        var messages = scenario.Models.ChatCalls.Single().Json.At("messages").EnumerateArray().ToList();
        messages.Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "tool", "tool", "tool");
        messages[1].At("tool_calls").EnumerateArray().Select(c => c.At("id").GetString()).Should().Equal("c1", "c2", "c3");
    }

    [Theory]
    [InlineData("""{"type":"web_search_call","id":"ws","status":"completed","action":{"type":"search","query":"q"}}""")]
    [InlineData("""{"type":"image_generation_call","id":"ig","status":"completed","result":"AAAA"}""")]
    [InlineData("""{"type":"mcp_list_tools","id":"l","server_label":"s","tools":[]}""")]
    [InlineData("""{"type":"mcp_approval_request","id":"r","server_label":"s","name":"n","arguments":"{}"}""")]
    [InlineData("""{"type":"mcp_approval_response","approval_request_id":"r","approve":true}""")]
    [InlineData("""{"type":"compaction","id":"cm","encrypted_content":"gAAA"}""")]
    [InlineData("""{"type":"compaction_summary","encrypted_content":"gAAA"}""")]
    [InlineData("""{"type":"compaction_trigger"}""")]
    [InlineData("""{"type":"configuration_update","reasoning":{"effort":"low"}}""")]
    [InlineData("""{"type":"program","id":"p","call_id":"c","code":"x","fingerprint":"f"}""")]
    [InlineData("""{"type":"program_output","id":"p","call_id":"c","result":"x","status":"completed"}""")]
    [InlineData("""{"type":"file_search_call","id":"f","queries":["q"],"results":null}""")]
    [InlineData("""{"type":"agent_message","author":"a","recipient":"b","content":[{"type":"encrypted_content","encrypted_content":"x"}]}""", "encrypted_content,agent_message")]
    [InlineData("""{"type":"tool_search_call","id":"t","execution":"server","call_id":null,"arguments":{}}""")]
    [InlineData("""{"type":"tool_search_output","id":"t","execution":"server","call_id":null,"tools":[]}""")]
    [InlineData("""{"type":"custom_tool_call","name":"no id","input":"x"}""")]
    [InlineData("""{"type":"local_shell_call","call_id":"c"}""")]
    [InlineData("""{"type":"made_up_tomorrow","id":"m","call_id":"c","output":"x"}""")]
    [InlineData("""{"type":5}""", "input")]
    public async Task What_says_nothing_to_a_chat_model_is_left_out_and_named(string item, string? named = null)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "hi"));

        var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":["x",{{item}},"y"]}""");

        response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
        response.Header("X-MetaModel-Ignored").Should().Be(named ?? JsonElement.Parse(item).Type());
        scenario.Models.ChatCalls.Single().Json.At("messages").EnumerateArray().Select(m => m.At("content").GetString()).Should().Equal("x", "y");
    }

    [Fact]
    public async Task What_another_agent_says_is_heard()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "hi"));

        await scenario.PostAsync(Path, """{"model":"a","input":["x",{"type":"agent_message","author":"a","recipient":"b","content":[{"type":"input_text","text":"done"}]}]}""");

        scenario.Models.ChatCalls.Single().Json.At("messages[1].content").GetString().Should().Be("done");
    }
}
