using System.Net;
using System.Text;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>What the gateway itself does not know: as it came to one upstream, by name refused where somebody would have to understand it.</summary>
public sealed class ForeignRequestTests
{
    private const string Door = "/v1/chat/completions";
    private const string F = "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}";
    private const string Url = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"$\"}}";

    public static TheoryData<string, string, string> Tools => new()
    {
        { "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"code\",\"format\":{\"type\":\"grammar\"}}}]", "feature_not_supported_in_v1", "tools[0]" },
        { "\"tools\":[{\"type\":\"web_search\"}]", "feature_not_supported_in_v1", "tools[0]" },
        { "\"tools\":[" + F + ", {\"type\":\"openrouter:web_search\",\"x\":1.0}]", "feature_not_supported_in_v1", "tools[1]" },
        { "\"tools\":[{\"type\":\"builtin_function\",\"function\":{\"name\":\"$web_search\"}}]", "feature_not_supported_in_v1", "tools[0]" },
        { "\"tools\":[{\"googleSearch\":{}}]", "feature_not_supported_in_v1", "tools[0]" },
        { "\"tools\":[" + F + "],\"tool_choice\":\"any\"", "invalid_request_error", "tool_choice" },
        { "\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}}", "feature_not_supported_in_v1", "tool_choice" },
        { "\"tools\":[" + F + "],\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\"}", "feature_not_supported_in_v1", "tool_choice" },
        { "\"tools\":[" + F + "],\"allowed_tools\":[\"f\"]", "feature_not_supported_in_v1", "allowed_tools" },
    };

    public static TheoryData<string> Parts =>
    [
        "{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}",
        "{\"type\":\"file\",\"file\":{\"filename\":\"a.docx\",\"file_data\":\"data:application/vnd.openxmlformats-officedocument.wordprocessingml.document;base64,UEsDBA==\"}}",
        "{\"type\":\"audio_url\",\"audio_url\":{\"url\":\"https://x/y.mp3\"}}",
        "{\"type\":\"video\",\"video\":[\"https://x/1.jpg\",\"https://x/2.jpg\"]}",
        "{\"type\":\"image_url\",\"image_url\":\"https://x/y.png\"}",
        "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"https://x/y.wav\",\"format\":\"wav\"}}",
        "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"oss://x/y.wav\",\"format\":\"wav\"}}",
        "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"data:;base64,AAAA\",\"format\":\"wav\"}}",
        "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"data:audio/wav;base64,AAAA\"}}",
        "{\"type\":\"video_url\",\"video_url\":{\"url\":\"gs://x/y\"}}",
        Url.Replace("$", "gs://bucket/y.png", StringComparison.Ordinal),
        Url.Replace("$", "data:application/pdf;base64,JVBERi0xLjcK", StringComparison.Ordinal),
        Url.Replace("$", "data:image/png;base64,!!!!", StringComparison.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Tools_and_choices_go_on_as_they_came(string members, string code, string param)
    {
        await using var scenario = await StartAsync();
        var body = $$"""{"model":"$","messages":[{"role":"user","content":"Hi"}],{{members}}}""";

        foreach (var model in (string[])["a", "cascade", "single"])
        {
            var (response, answer) = await scenario.PostAsync(Door, body.Replace("\"$\"", $"\"{model}\"", StringComparison.Ordinal));

            response.StatusCode.Should().Be(HttpStatusCode.OK, "{0} {1}", model, answer);
            scenario.Models.ChatCalls[^1].BodyText.Should().Contain(members);
        }

        var asked = scenario.Models.ChatCalls.Length;
        foreach (var model in (string[])["moa", "claude"])
        {
            var (response, answer) = await scenario.PostAsync(Door, body.Replace("\"$\"", $"\"{model}\"", StringComparison.Ordinal));

            response.StatusCode.Should().Be(HttpStatusCode.BadRequest, model);
            answer.At("error.code").GetString().Should().Be(code);
            answer.At("error.param").GetString().Should().Be(param);
        }

        scenario.Models.ChatCalls.Length.Should().Be(asked);
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Parts_go_on_as_they_came(string part)
    {
        await using var scenario = await StartAsync();

        foreach (var model in (string[])["a", "cascade", "single", "mixed"])
        {
            foreach (var stream in (string[])["", ",\"stream\":true"])
            {
                var response = await scenario.Client.PostAsync(Door, new StringContent(MediaCases.Ask(model, part, stream), Encoding.UTF8, "application/json"));

                response.StatusCode.Should().Be(HttpStatusCode.OK, "{0} {1}", model, await response.Content.ReadAsStringAsync());
                scenario.Models.ChatCalls[^1].BodyText.Should().Contain(part);
                scenario.Models.ChatCalls[^1].Model.Should().Be("a");
            }
        }

        var asked = scenario.Models.ChatCalls.Length;
        foreach (var model in (string[])["moa", "claude"])
        {
            var (response, answer) = await scenario.PostAsync(Door, MediaCases.Ask(model, part));

            response.StatusCode.Should().Be(HttpStatusCode.BadRequest, "{0} {1}", model, answer);
            answer.At("error.code").GetString().Should().Be("unsupported_content_part");
            answer.At("error.param").GetString().Should().Be("messages[0].content[1]");
        }

        scenario.Models.ChatCalls.Length.Should().Be(asked);
    }

    [Theory]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk-M9QDwADhgGAWjR9awAAAABJRU5ErkJggg")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk%2BM9QDwADhgGAWjR9awAAAABJRU5ErkJggg%3D%3D")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf\\nFcSJAAAADUlEQVR42mNk%2bM9QDwADhgGAWjR9awAAAABJRU5ErkJggg%3D")]
    public async Task Image_data_is_in_the_plain_form_where_it_is_read_and_as_it_came_elsewhere(string data)
    {
        var image = $$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{data}}}"}}""";
        await using var scenario = await StartAsync();

        var (single, _) = await scenario.PostAsync(Door, MediaCases.Ask("a", image));
        var (ensemble, _) = await scenario.PostAsync(Door, MediaCases.Ask("seers", image));
        var (translated, body) = await scenario.PostAsync(Door, MediaCases.Ask("claude", image));

        single.StatusCode.Should().Be(HttpStatusCode.OK);
        ensemble.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.ChatCalls.Where(c => c.Model is "a" or "b").Should().HaveCount(3).And.OnlyContain(c => c.BodyText.Contains(image));
        translated.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.Requests.Last(r => r.Method == "POST").BodyText.Should().Contain(MediaCases.Png["data:image/png;base64,".Length..]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_of_a_kind_that_is_not_known_here_comes_back_as_it_came(bool stream)
    {
        const string Call = "\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"custom\",\"custom\":{\"name\":\"code\",\"input\":\"print(1)\"}}]";
        var reply = stream
            ? $"data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"a\",\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",{Call}}},\"finish_reason\":null}}]}}\n\n"
                + "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"a\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n"
            : $"{{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"a\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":null,{Call}}},\"finish_reason\":\"tool_calls\"}}]}}";
        var replay = new SimulatedReplay(200, stream ? "text/event-stream" : "application/json", [Encoding.UTF8.GetBytes(reply)]);
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Answering("a", _ => new() { Replay = replay }), MediaCases.Seeing("b"));

        foreach (var model in (string[])["a", "cascade"])
        {
            var response = await scenario.Client.PostAsync(Door, new StringContent(
                $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"custom","custom":{"name":"code"} }],"stream":{{(stream ? "true" : "false")}} }""", Encoding.UTF8, "application/json"));

            response.StatusCode.Should().Be(HttpStatusCode.OK);
            (await response.Content.ReadAsStringAsync()).Should().Contain(Call).And.Contain("\"finish_reason\":\"tool_calls\"");
        }
    }

    [Theory]
    [InlineData("\"tools\":[],\"tool_choice\":\"auto\",\"parallel_tool_calls\":true")]
    [InlineData("\"functions\":[],\"function_call\":\"auto\"")]
    [InlineData("\"tool_choice\":\"none\"")]
    [InlineData("\"tools\":null,\"parallel_tool_calls\":false")]
    public async Task What_was_said_about_calls_goes_with_the_tools(string members)
    {
        await using var scenario = await StartAsync();
        foreach (var model in (string[])["a", "cascade", "moa"])
        {
            var (response, _) = await scenario.AskAsync(model, members);

            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        scenario.Models.ChatCalls.Should().OnlyContain(c => !c.BodyText.Contains("tool", StringComparison.Ordinal) && !c.BodyText.Contains("function", StringComparison.Ordinal));
    }

    private static Task<GatewayScenario> StartAsync() => GatewayScenario.StartAsync(
        [.. MediaCases.Models, MediaCases.Seeing("claude")], upstream: "modalities = [\"text\", \"image\", \"video\", \"audio\"]", more: """
        [upstreams.claude]
        model_id = "claude"
        base_url = "$BASE_URL"
        protocol = "anthropic"
        context = 32768
        max_output = 4096
        modalities = ["text", "image", "video", "audio"]
        [profiles.single]
        type = "moa"
        generators = ["a"]
        synthesizer = "a"
        [profiles.seers]
        type = "moa"
        generators = ["a", "b"]
        synthesizer = "s"
        [profiles.mixed]
        type = "cascade"
        upstreams = ["claude", "a"]
        """);
}
