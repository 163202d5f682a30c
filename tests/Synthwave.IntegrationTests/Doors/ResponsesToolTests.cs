using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>Tools of the Responses API that are not functions: what a model is offered, and how its calls come back.</summary>
public sealed class ResponsesToolTests
{
    private const string Path = "/v1/responses";

    // What an agent sends of each kind a client runs.
    private const string ClientTools = """
        [{"type":"function","name":"plain","description":null,"parameters":{"type":"object"},"strict":null},
         {"type":"custom","name":"apply_patch","description":"Edits files.","format":{"type":"grammar","syntax":"lark","definition":"start: \"*** Begin\""}},
         {"type":"namespace","name":"calendar","description":"The user's calendar.","tools":[{"type":"function","name":"list","parameters":{"type":"object"}},{"type":"custom","name":"note"}]},
         {"type":"local_shell"},{"type":"shell","environment":{"type":"local"}},{"type":"apply_patch"},
         {"type":"tool_search","execution":"client","description":"Search.","parameters":{"type":"object","properties":{"q":{"type":"string"}}}}]
        """;

    // Of those the API's own client knows.
    private static readonly string[] KnownEvents =
    [
        "response.created", "response.in_progress", "response.completed", "response.incomplete", "response.failed", "response.output_item.added", "response.output_item.done",
        "response.content_part.added", "response.content_part.done", "response.output_text.delta", "response.output_text.done", "response.refusal.delta", "response.refusal.done",
        "response.reasoning_text.delta", "response.reasoning_text.done", "response.function_call_arguments.delta", "response.function_call_arguments.done",
        "response.custom_tool_call_input.delta", "response.custom_tool_call_input.done", "response.shell_call_command.added", "response.shell_call_command.delta", "response.shell_call_command.done",
    ];

    private static readonly string[] Hosted =
    [
        """{"type":"web_search"}""", """{"type":"web_search_preview"}""", """{"type":"file_search","vector_store_ids":["v"]}""", """{"type":"code_interpreter","container":{"type":"auto"}}""",
        """{"type":"image_generation"}""", """{"type":"mcp","server_label":"s","server_url":"http://x"}""", """{"type":"computer_use_preview","display_width":1}""", """{"type":"computer"}""",
        """{"type":"programmatic_tool_calling"}""", """{"type":"tool_search"}""", """{"type":"shell","environment":{"type":"container_auto"}}""", """{"type":"made_up_tomorrow","x":1}""",
    ];

    [Fact]
    public async Task Every_tool_a_client_runs_is_a_function_to_the_model()
    {
        await using var scenario = await GatewayScenario.StartAsync(Saying("hi"));

        var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":"x","tools":{{ClientTools}}}""");

        response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
        response.Header("X-MetaModel-Ignored").Should().BeEmpty();
        var tools = scenario.Models.ChatCalls.Single().Json.At("tools").EnumerateArray().ToList();
        tools.Should().OnlyContain(t => t.Type() == "function");
        tools.Select(t => t.At("function.name").GetString()).Should().BeEquivalentTo(
            ["plain", "apply_patch", "calendar__list", "calendar__note", "local_shell", "shell", tools[6].At("function.name").GetString(), "tool_search"]);
        tools[6].At("function.name").GetString().Should().StartWith("apply_patch_", "the custom tool has the name already");
        tools[0].At("function").EnumerateObject().Select(m => m.Name).Should().Equal(["name", "parameters"], "nulls say nothing");
        var custom = tools[1].At("function");
        custom.At("parameters.properties.input.type").GetString().Should().Be("string");
        custom.At("description").GetString().Should().StartWith("Edits files.").And.Contain("start: \"*** Begin\"");
        tools[2].At("function.description").GetString().Should().Be("The user's calendar.");
        tools[^1].At("function.parameters.properties.q.type").GetString().Should().Be("string");
        body.At("tools").GetArrayLength().Should().Be(7, "the response repeats what was declared");
    }

    [Fact]
    public async Task What_runs_on_the_servers_of_others_is_left_out_and_named()
    {
        await using var scenario = await GatewayScenario.StartAsync(Saying("hi"));

        foreach (var tool in Hosted)
        {
            var (beside, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":"x","tools":[{{tool}},{"type":"function","name":"f"}],"tool_choice":"auto","parallel_tool_calls":false}""");
            var (alone, _) = await scenario.PostAsync(Path, $$"""{"model":"a","input":"x","tools":[{{tool}}],"tool_choice":"auto","parallel_tool_calls":false}""");

            var type = JsonElement.Parse(tool).Type();
            beside.IsSuccessStatusCode.Should().BeTrue("{0}", body);
            alone.IsSuccessStatusCode.Should().BeTrue();
            (beside.Header("X-MetaModel-Ignored"), alone.Header("X-MetaModel-Ignored")).Should().Be((type, type));
        }

        foreach (var call in scenario.Models.ChatCalls.Select(c => c.Json))
        {
            if (call.TryGetProperty("tools", out var tools))
            {
                tools.EnumerateArray().Single().At("function.name").GetString().Should().Be("f");
                call.At("parallel_tool_calls").GetBoolean().Should().BeFalse();
            }
            else
            {
                call.TryGetProperty("tool_choice", out _).Should().BeFalse("no tool is left");
                call.TryGetProperty("parallel_tool_calls", out _).Should().BeFalse("no tool is left");
            }
        }

        scenario.Models.ChatCalls.Count(c => c.Json.TryGetProperty("tools", out _)).Should().Be(Hosted.Length);
    }

    [Theory]
    [InlineData("[]", "\"auto\"")]
    [InlineData("[]", "\"none\"")]
    [InlineData("null", "\"auto\"")]
    [InlineData("[]", "{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[]}")]
    public async Task A_choice_without_tools_goes_with_them(string tools, string choice)
    {
        await using var scenario = await GatewayScenario.StartAsync(Saying("hi"));

        var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":"x","tools":{{tools}},"tool_choice":{{choice}},"parallel_tool_calls":true,"functions":[],"function_call":"auto"}""");

        response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
        scenario.Models.ChatCalls.Single().Json.EnumerateObject().Select(m => m.Name).Should().NotContain(["tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"]);
    }

    [Theory]
    [InlineData("""{"type":"function","name":"plain"}""", "plain")]
    [InlineData("""{"type":"custom","name":"apply_patch"}""", "apply_patch")]
    [InlineData("""{"type":"function","name":"list","namespace":"calendar"}""", "calendar__list")]
    [InlineData("""{"type":"function","name":"list"}""", "calendar__list")]
    [InlineData("""{"type":"function","name":"calendar.list"}""", "calendar__list")]
    [InlineData("""{"type":"local_shell"}""", "local_shell")]
    [InlineData("""{"type":"shell"}""", "shell")]
    [InlineData("""{"type":"tool_search"}""", "tool_search")]
    public async Task A_tool_can_be_forced_by_the_name_its_client_knows(string choice, string name)
    {
        await using var scenario = await GatewayScenario.StartAsync(Saying("hi"));

        var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":"x","tools":{{ClientTools}},"tool_choice":{{choice}}}""");

        response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
        scenario.Models.ChatCalls.Single().Json.At("tool_choice.function.name").GetString().Should().Be(name);
    }

    [Fact]
    public async Task Allowed_tools_are_the_only_ones_offered()
    {
        await using var scenario = await GatewayScenario.StartAsync(Saying("hi"));

        var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"a","input":"x","tools":{{ClientTools}},"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"plain"},{"type":"web_search"},{"type":"shell"}] } }""");

        response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.At("tools").EnumerateArray().Select(t => t.At("function.name").GetString()).Should().Equal("plain", "shell");
        sent.At("tool_choice").GetString().Should().Be("required");
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", true)]
    [InlineData("moa", false)]
    [InlineData("moa", true)]
    public async Task Calls_come_back_as_the_items_of_their_tools(string model, bool isStreamed)
    {
        const string Patch = "*** Begin Patch\n\"ø\\d+\" 😀\n*** End Patch";
        var calls = new Dictionary<string, string>
        {
            ["plain"] = """{"k":1}""",
            ["apply_patch"] = JsonSerializer.Serialize(new { input = Patch }),
            ["calendar__list"] = "{}",
            ["calendar__note"] = """{"input":"n"}""",
            ["local_shell"] = """{"command":["ls","-l"],"working_directory":"/w"}""",
            ["shell"] = """{"commands":["pwd","id"],"timeout_ms":5}""",
            ["tool_search"] = """{"q":"mail"}""",
        };
        await using var scenario = await GatewayScenario.StartAsync([.. "abcs".Select(id => SimulatedModel.Answering(id.ToString(), _ => new SimulatedAnswer
        {
            Text = "",
            ToolCalls = [.. calls.Select((c, i) => new SimulatedToolCall(c.Key, c.Value, $"call_{i}"))],
        }))]);

        var output = await OutputAsync(scenario, model, isStreamed, ClientTools);

        output = [.. output.Where(i => i.Type() != "message")];
        output.Select(i => i.Type()).Should().Equal("function_call", "custom_tool_call", "function_call", "custom_tool_call", "local_shell_call", "shell_call", "tool_search_call");
        output.Select(i => i.At("call_id").GetString()).Should().Equal(Enumerable.Range(0, 7).Select(i => $"call_{i}"));
        output.Should().OnlyContain(i => i.GetProperty("status").GetString() == "completed");
        output.Select(i => i.At("id").GetString()!.Split('_')[0]).Should().Equal("fc", "ctc", "fc", "ctc", "lsh", "sh", "tsc");
        output[0].At("arguments").GetString().Should().Be("""{"k":1}""");
        output[1].At("input").GetString().Should().Be(Patch);
        output[1].TryGetProperty("namespace", out _).Should().BeFalse();
        (output[2].At("namespace").GetString(), output[2].At("name").GetString()).Should().Be(("calendar", "list"));
        (output[3].At("namespace").GetString(), output[3].At("name").GetString(), output[3].At("input").GetString()).Should().Be(("calendar", "note", "n"));
        output[4].At("action.type").GetString().Should().Be("exec");
        output[4].At("action.command[1]").GetString().Should().Be("-l");
        output[5].At("action.commands[1]").GetString().Should().Be("id");
        output[6].At("arguments.q").GetString().Should().Be("mail");
        output[6].At("execution").GetString().Should().Be("client");
    }

    [Fact]
    public async Task Streamed_calls_have_the_events_of_their_kind()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Answering("a", _ => new SimulatedAnswer
        {
            Text = "Let me see.",
            ToolCalls =
            [
                new("edit", """{"input":"one two three"}""", "call_0"), new("shell", """{"commands":["pwd","id"]}""", "call_1"),
                new("apply_patch", """{"type":"update_file","path":"f","diff":"+x\n"}""", "call_2"), new("plain", """{"k":1}""", "call_3"),
            ],
        }));

        var (_, stream) = await scenario.PostStreamAsync(Path, """{"model":"a","input":"x","stream":true,"tools":[{"type":"custom","name":"edit"},{"type":"shell"},{"type":"apply_patch"},{"type":"function","name":"plain"}]}""");

        var events = stream.ResponseEvents();
        var items = events.Assemble();
        items.Select(i => i.Type()).Should().Equal("message", "custom_tool_call", "shell_call", "apply_patch_call", "function_call");
        events.Count(e => e.Type() == "response.custom_tool_call_input.delta").Should().BeGreaterThan(1, "the text comes as the model writes it");
        events.Single(e => e.Type() == "response.custom_tool_call_input.done").At("input").GetString().Should().Be("one two three");
        events.Where(e => e.Type() == "response.shell_call_command.done").Select(e => e.At("command").GetString()).Should().Equal("pwd", "id");
        var added = events.Where(e => e.Type() == "response.output_item.added").Select(e => e.At("item")).ToList();
        added[1].At("input").GetString().Should().BeEmpty();
        added[2].At("action.commands").GetArrayLength().Should().Be(0);
        added[3].At("operation").ToString().Should().Be("""{"type":"update_file","path":"f","diff":""}""", "clients read the file's name when the item is announced");
        items[3].At("operation.diff").GetString().Should().Be("+x\n");
        events.Select(e => e.Type()).Distinct().Should().BeSubsetOf(KnownEvents, "clients refuse events they do not know");
        events[^1].At("response.output").EnumerateArray().Select(i => i.ToString()).Should().Equal(items.Select(i => i.ToString()));
    }

    [Fact]
    public async Task A_patch_that_was_cut_never_looks_finished()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Answering("a", _ => new SimulatedAnswer
        {
            Text = "", FinishReason = "length", ToolCalls = [new("apply_patch", """{"type":"update_file","path":"f","diff":"+x""", "call_2")],
        }));

        var output = await OutputAsync(scenario, "a", isStreamed: true, """[{"type":"apply_patch"}]""");

        output.Single().At("status").GetString().Should().Be("in_progress");
    }

    [Fact]
    public async Task Tools_that_read_alike_keep_apart()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Answering("a", request => new SimulatedAnswer
        {
            Text = "", ToolCalls = [.. request.Root.At("tools").EnumerateArray().Select((t, i) => new SimulatedToolCall(t.At("function.name").GetString()!, """{"input":"i"}""", $"call_{i}"))],
        }));

        var output = await OutputAsync(scenario, "a", isStreamed: false, """[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]},{"type":"function","name":"n__f"},{"type":"custom","name":"shell"},{"type":"shell"},{"type":"function","name":"shell"}]""");

        output.Select(i => (i.Type(), i.TryGetProperty("name", out var name) ? name.GetString() : null, i.TryGetProperty("namespace", out var space) ? space.GetString() : null)).Should().Equal(
            ("function_call", "f", "n"), ("function_call", "n__f", null), ("custom_tool_call", "shell", null), ("shell_call", null, null), ("function_call", "shell", null));
        var offered = scenario.Models.ChatCalls.Single().Json.At("tools").EnumerateArray().Select(t => t.At("function.name").GetString()).ToList();
        offered.Should().OnlyHaveUniqueItems().And.Contain(["n__f", "shell"]);
    }

    [Fact]
    public async Task Tools_that_a_search_found_can_be_called_and_are_declared_once()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Answering("a", _ => new SimulatedAnswer { Text = "", ToolCalls = [new("mail__send", "{}", "call_9")] }));
        const string Found = """{"type":"namespace","name":"mail","description":"d","tools":[{"type":"function","name":"send","defer_loading":true,"parameters":{"type":"object"}}]}""";

        var (_, body) = await scenario.PostAsync(Path, $$"""
            {"model":"a","tools":[{"type":"function","name":"plain"},{"type":"tool_search","execution":"client"}],"input":["x",
             {"type":"tool_search_call","call_id":"call_1","execution":"client","arguments":{"query":"mail"} },
             {"type":"tool_search_output","call_id":"call_1","execution":"client","status":"completed","tools":[{{Found}}]},
             {"type":"additional_tools","role":"developer","tools":[{{Found}},{"type":"function","name":"late"}]}]}
            """);

        (body.At("output[0].namespace").GetString(), body.At("output[0].name").GetString()).Should().Be(("mail", "send"), "{0}", body);
        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.At("tools").EnumerateArray().Select(t => t.At("function.name").GetString()).Should().Equal("plain", "tool_search", "mail__send", "late");
        sent.At("messages").EnumerateArray().Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "tool");
        sent.At("messages[1].tool_calls[0].function.name").GetString().Should().Be("tool_search");
        sent.At("messages[2].content").GetString().Should().Contain("mail__send");
    }

    private static async Task<List<JsonElement>> OutputAsync(GatewayScenario scenario, string model, bool isStreamed, string tools)
    {
        var request = $$"""{"model":"{{model}}","input":"x","stream":{{(isStreamed ? "true" : "false")}},"tools":{{tools}}}""";
        if (!isStreamed)
        {
            var (response, body) = await scenario.PostAsync(Path, request);
            response.IsSuccessStatusCode.Should().BeTrue("{0}", body);
            return [.. body.At("output").EnumerateArray()];
        }

        var (_, stream) = await scenario.PostStreamAsync(Path, request);
        var events = stream.ResponseEvents();
        var items = events.Assemble();
        events[^1].At("response.output").EnumerateArray().Select(i => i.ToString()).Should().Equal(items.Select(i => i.ToString()));
        return items;
    }

    private static SimulatedModel Saying(string text) => SimulatedModel.Saying("a", text);
}
