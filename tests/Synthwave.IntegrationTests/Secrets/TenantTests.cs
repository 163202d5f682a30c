using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Secrets;

/// <summary>Two clients of one gateway, told apart by the keys they show: what is kept for one is not there for the other.</summary>
public sealed class TenantTests
{
    private const string Alice = "alice-key-1";
    private const string Bob = "bob-key-2";

    private const string Image = """{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}""";

    public static TheoryData<string, string, bool> Calls()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var protocol in (string[])["openai", "anthropic"])
        {
            foreach (var id in (string[])["get_weather:0", "call_9pw1qnScqvGrCH58HWCvFH6K"])
            {
                data.Add(protocol, id, false);
                data.Add(protocol, id, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Thoughts_come_back_to_whom_they_were_thought_for(string protocol, string id, bool stream)
    {
        var bodies = new List<string>();
        await using var upstream = new RawUpstream(call =>
        {
            if (call.Body.Length == 0)
            {
                return call.SendAsync("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
            }

            bodies.Add(call.Body);
            var body = protocol == "openai" ? OpenAi(id, stream) : Anthropic(id, stream);
            return call.SendAsync(string.Create(
                CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: {(stream ? "text/event-stream" : "application/json")}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        });
        await using var gateway = await TestGateway.StartAsync(Upstream("u", upstream.BaseUrl, Protocol(protocol)));
        const string Question = """{"role":"user","content":"How is the weather?"}""";
        var history = $$$"""[{{{Question}}},{"role":"assistant","content":null,"tool_calls":[{"id":"{{{id}}}","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Rome\"}"}}]},{"role":"tool","tool_call_id":"{{{id}}}","content":"fine"}]""";
        var other = history.Replace("Rome", "Oslo", StringComparison.Ordinal);

        using var first = await AskAsync(gateway, Alice, $"[{Question}]", stream);
        foreach (var (key, messages) in new[] { (Bob, history), (null, history), (Alice, history), (Alice, other) })
        {
            using var next = await AskAsync(gateway, key, messages, stream);
            next.StatusCode.Should().Be(HttpStatusCode.OK, await next.Content.ReadAsStringAsync());
        }

        var isRandom = id.Length > 20;
        bodies.Skip(1).Select(b => b.Contains("Alice thinks", StringComparison.Ordinal)).Should().Equal([false, false, true, isRandom], "a random id is enough for its owner, one that counts is not");
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Of_one_client_each_conversation_has_its_own_thoughts(string protocol)
    {
        var bodies = new List<string>();
        await using var upstream = new RawUpstream(call =>
        {
            if (call.Body.Length == 0)
            {
                return call.SendAsync("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
            }

            bodies.Add(call.Body);
            return call.SendAsync(RawAnswer(protocol == "openai" ? OpenAi("get_weather:0", stream: false) : Anthropic("get_weather:0", stream: false)));
        });
        await using var gateway = await TestGateway.StartAsync(Upstream("u", upstream.BaseUrl, Protocol(protocol)));
        const string Began = """{"role":"user","content":"I am Alice."},{"role":"assistant","content":"Hello Alice."},{"role":"user","content":"I like rain."},{"role":"assistant","content":"Good."}""";
        const string Asked = """{"role":"user","content":"How is the weather?"}""";
        const string Called = """{"role":"assistant","content":null,"tool_calls":[{"id":"get_weather:0","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Rome\"}"}}]},{"role":"tool","tool_call_id":"get_weather:0","content":"fine"}""";

        using var first = await AskAsync(gateway, null, $"[{Began},{Asked}]", stream: false);
        foreach (var before in (string[])
        [
            $"{Began},",
            """{"role":"user","content":"(A summary of what was said.)"},{"role":"assistant","content":"Good."},""",
            """{"role":"user","content":"I am Bob."},{"role":"assistant","content":"Hello Bob."},""",
            "",
        ])
        {
            using var next = await AskAsync(gateway, null, $"[{before}{Asked},{Called}]", stream: false);
            next.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        bodies.Skip(1).Select(b => b.Contains("Alice thinks", StringComparison.Ordinal)).Should().Equal([true, true, false, false], "a beginning may be shortened, but not be another");
    }

    [Fact]
    public async Task Stored_responses_are_there_for_their_owner_only()
    {
        await using var models = await SimulatedServer.StartAsync([SimulatedModel.Saying("u", "the answer")]);
        await using var gateway = await TestGateway.StartAsync(Upstream("u", models.BaseUrl));
        using var made = await SendAsync(gateway, HttpMethod.Post, "/v1/responses", Alice, """{"model":"u","input":"the question"}""");
        var response = JsonElement.Parse(await made.Content.ReadAsStringAsync());
        var id = response.GetProperty("id").GetString()!;
        var item = response.GetProperty("output")[0].GetProperty("id").GetString();

        foreach (var stranger in (string?[])[Bob, null])
        {
            foreach (var (method, path, body) in new (HttpMethod, string, string?)[]
            {
                (HttpMethod.Get, $"/v1/responses/{id}", null),
                (HttpMethod.Get, $"/v1/responses/{id}?stream=true", null),
                (HttpMethod.Get, $"/v1/responses/{id}/input_items", null),
                (HttpMethod.Post, $"/v1/responses/{id}/cancel", "{}"),
                (HttpMethod.Post, "/v1/responses", $$"""{"model":"u","input":"more","previous_response_id":"{{id}}"}"""),
                (HttpMethod.Post, "/v1/responses/input_tokens", $$"""{"model":"u","input":"more","previous_response_id":"{{id}}"}"""),
                (HttpMethod.Post, "/v1/responses", $$"""{"model":"u","input":[{"type":"item_reference","id":"{{item}}"}]}"""),
                (HttpMethod.Delete, $"/v1/responses/{id}", null),
            })
            {
                using var refused = await SendAsync(gateway, method, path, stranger, body);
                var said = await refused.Content.ReadAsStringAsync();
                using var missing = await SendAsync(gateway, method, path.Replace(id, Other(id), StringComparison.Ordinal), stranger, body?.Replace(id, Other(id), StringComparison.Ordinal).Replace(item!, Other(item!), StringComparison.Ordinal));

                refused.StatusCode.Should().Be(HttpStatusCode.NotFound, $"{method} {path}");
                said.Should().NotContain("the question").And.NotContain("the answer");
                Error(said, item!).Should().Be(Error(await missing.Content.ReadAsStringAsync(), Other(item!)), "what is another's is as if it were not there");
            }
        }

        using var again = await SendAsync(gateway, HttpMethod.Get, $"/v1/responses/{id}", Alice);
        again.StatusCode.Should().Be(HttpStatusCode.OK);
        using var chained = await SendAsync(gateway, HttpMethod.Post, "/v1/responses", Alice, $$"""{"model":"u","input":"more","previous_response_id":"{{id}}"}""");
        chained.StatusCode.Should().Be(HttpStatusCode.OK);
        models.ChatCalls[^1].BodyText.Should().Contain("the question");
        using var deleted = await SendAsync(gateway, HttpMethod.Delete, $"/v1/responses/{id}", Alice);
        deleted.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_description_is_not_taken_from_who_paid_for_it()
    {
        await using var models = await SimulatedServer.StartAsync(((string[])["a", "b", "s", "eye"]).Select(id => SimulatedModel.Saying(id, $"{id} says so")));
        await using var gateway = await TestGateway.StartAsync(
            string.Concat(((string[])["a", "b", "s"]).Select(n => Upstream(n, models.BaseUrl, model: n))) + Upstream("eye", models.BaseUrl, "modalities = ['text', 'image']\napi_key_from = 'client'", "eye")
            + "[vision]\nendpoints = ['eye']\ntwo_stage = true\n[profiles.moa]\ntype = 'moa'\ngenerators = ['a', 'b']\nsynthesizer = 's'\n");
        var body = $$"""{"model":"moa","messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{{Image}}]}]}""";

        foreach (var (key, asked) in new[] { (Alice, 1), (Alice, 1), (Bob, 2), (Bob, 2) })
        {
            using var answer = await SendAsync(gateway, HttpMethod.Post, "/v1/chat/completions", key, body);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            models.ChatCalls.Count(c => c.Model == "eye").Should().Be(asked);
        }
    }

    [Fact]
    public async Task Where_callers_bring_their_keys_the_limit_of_one_is_no_limit_to_others()
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(
            call.Head.Contains(Alice, StringComparison.Ordinal) ? "HTTP/1.1 429 Slow\r\nRetry-After: 3000\r\nContent-Length: 0\r\n\r\n"
            : call.Body.Length == 0 ? "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
            : RawAnswer("""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""")));
        await using var gateway = await TestGateway.StartAsync(
            Upstream("u", upstream.BaseUrl, "api_key_from = 'client'\nretries = 0") + Upstream("v", upstream.BaseUrl, "api_key_from = 'client'\nretries = 0")
            + "[profiles.both]\ntype = 'cascade'\nupstreams = ['u', 'v']\n");

        foreach (var (key, expected) in new[] { (Alice, HttpStatusCode.TooManyRequests), (Bob, HttpStatusCode.OK), (Alice, HttpStatusCode.TooManyRequests), (Bob, HttpStatusCode.OK) })
        {
            using var answer = await SendAsync(gateway, HttpMethod.Post, "/v1/chat/completions", key, ChatCall.Body("both"));
            answer.StatusCode.Should().Be(expected);
            if (expected is HttpStatusCode.OK)
            {
                answer.Headers.GetValues("X-MetaModel-Cascade-Winner").Should().Equal("u");
            }
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("forward_headers = ['baggage', 'tracestate']", true)]
    public async Task Baggage_goes_nowhere_unless_it_is_named(string server, bool isNamed)
    {
        await using var models = await SimulatedServer.StartAsync([SimulatedModel.Saying("u", "the answer")]);
        await using var gateway = await TestGateway.StartAsync($"[server]\n{server}\n" + Upstream("u", models.BaseUrl));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(ChatCall.Body("u"), Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("tracestate", "vendor=theirs");
        request.Headers.Add("baggage", "tenant=theirs");
        request.Headers.Add("Correlation-Context", "tenant=theirs");

        using var answer = await gateway.Client.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        string.Join(' ', models.ChatCalls.Single().Headers.Where(h => h.Value.Contains("theirs", StringComparison.Ordinal)).Select(h => h.Key.ToLowerInvariant()).Order())
            .Should().Be(isNamed ? "baggage tracestate" : "");
    }

    private static string Protocol(string protocol) => protocol == "openai" ? "" : "protocol = 'anthropic'\nsupports_thinking = true\nanthropic = { thinking = 'adaptive' }";

    private static string Other(string id) => id[..^1] + (id[^1] == '0' ? '1' : '0');

    private static string Error(string body, string item) => JsonElement.Parse(body).GetProperty("error").ToString().Replace(item, "…", StringComparison.Ordinal);

    private static string RawAnswer(string body) => string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private static string OpenAi(string id, bool stream)
    {
        var message = $$$"""{"role":"assistant","content":null,"reasoning_content":"Alice thinks","tool_calls":[{"index":0,"id":"{{{id}}}","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Rome\"}"}}]}""";
        return stream
            ? $$"""data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{message}},"finish_reason":"tool_calls"}]}""" + "\n\ndata: [DONE]\n\n"
            : $$"""{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{{message}},"finish_reason":"tool_calls"}]}""";
    }

    private static string Anthropic(string id, bool stream)
    {
        const string Thought = """{"type":"thinking","thinking":"Alice thinks","signature":"S=="}""";
        if (!stream)
        {
            return $$$"""{"id":"x","type":"message","role":"assistant","model":"m","content":[{{{Thought}}},{"type":"tool_use","id":"{{{id}}}","name":"get_weather","input":{"city":"Rome"}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}""";
        }

        string[] events =
        [
            """{"type":"message_start","message":{"id":"x","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Alice thinks"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S=="}}""",
            """{"type":"content_block_stop","index":0}""",
            $$$$"""{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"{{{{id}}}}","name":"get_weather","input":{}}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"Rome\"}"}}""",
            """{"type":"content_block_stop","index":1}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}""",
            """{"type":"message_stop"}""",
        ];
        return string.Concat(events.Select(e => $"data: {e}\n\n"));
    }

    private static string Upstream(string name, string baseUrl, string lines = "", string model = "u") =>
        $"[upstreams.{name}]\nmodel_id = '{model}'\nbase_url = '{baseUrl}'\ncontext = 32768\nmax_output = 4096\n{lines}\n";

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway, string? key, string messages, bool stream) => SendAsync(
        gateway, HttpMethod.Post, "/v1/chat/completions", key,
        $$$$"""{"model":"u","stream":{{{{(stream ? "true" : "false")}}}},"messages":{{{{messages}}}},"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object"}}}]}""");

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, HttpMethod method, string path, string? key, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        var response = await gateway.Client.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }
}
