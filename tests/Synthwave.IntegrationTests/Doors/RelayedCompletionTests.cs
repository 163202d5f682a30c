using System.Net;
using System.Text;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>Texts that are continued by an upstream that can.</summary>
public sealed class RelayedCompletionTests
{
    private const string Path = "/v1/completions";
    private const string Whole = "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"pass\",\"logprobs\":{\"tokens\":[\"pass\"]},\"finish_reason\":\"stop\"},{\"index\":1,\"text\":\"x\",\"logprobs\":null,\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5},\"odd\":1}";
    private const string Piece = "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"pa\",\"logprobs\":null,\"finish_reason\":null}]}\n\n";
    private const string Last = "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"ss\",\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n";
    private const string Usage = "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n";

    [Theory]
    [InlineData("\"prompt\":\"<|fim_prefix|>def f():<|fim_suffix|>x<|fim_middle|>\"")]
    [InlineData("\"prompt\":\"def f():\",\"suffix\":\"return 1\"")]
    [InlineData("\"prompt\":[\"a\",\"b\"]")]
    [InlineData("\"prompt\":[1,2,3],\"echo\":true,\"logprobs\":3")]
    [InlineData("\"prompt\":[[1,2],[3]],\"n\":2,\"best_of\":4")]
    [InlineData("\"prompt\":\"x\",\"min_p\": 0.10,\"input_extra\":[{\"text\":\"y\"}]")]
    public async Task The_body_goes_out_as_it_came_and_the_answer_comes_back_so(string members)
    {
        await using var upstream = Answering(Whole, "application/json");
        await using var gateway = await GatewayOf(upstream);

        foreach (var model in (string[])["a", "cascade"])
        {
            var response = await AskAsync(gateway, $$"""{"model":"{{model}}",{{members}}}""");

            response.StatusCode.Should().Be(HttpStatusCode.OK);
            (await response.Content.ReadAsStringAsync()).Should().Be(Whole);
            response.Header("X-MetaModel-Profile").Should().Be(model);
        }

        upstream.Seen.Should().HaveCount(2).And.OnlyContain(s => s.StartsWith("POST /v1/completions ") && s.Contains("{\"model\":\"m\"," + members));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task A_stream_is_passed_on_as_it_came(string model)
    {
        await using var upstream = Answering(Piece + Last + Usage + "data: [DONE]\n\n", "text/event-stream");
        await using var gateway = await GatewayOf(upstream);

        var response = await AskAsync(gateway, $$"""{"model":"{{model}}","prompt":"def","suffix":"x","stream":true}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).Should().Be(Piece + Last + Usage + "data: [DONE]\n\n");
    }

    [Theory]
    [InlineData("vllm", "", true)]
    [InlineData("sglang", "", true)]
    [InlineData("llamacpp", "", true)]
    [InlineData("koboldcpp", "", true)]
    [InlineData("library", "", false)]
    [InlineData("vllm", "completions = false", false)]
    [InlineData("vllm", "health = 'none'", false)]
    public async Task What_no_chat_can_give_is_asked_of_a_server_that_is_known_to_give_it(string owner, string key, bool isRelayed)
    {
        await using var upstream = new Recorded(Whole, "application/json", $$"""{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"{{owner}}"}]}""");
        await using var gateway = await TestGateway.StartAsync($"""
            [upstreams.a]
            model_id = "m"
            base_url = "{upstream.BaseUrl}"
            context = 4096
            max_output = 512
            retries = 0
            {key}
            [profiles.cascade]
            type = "cascade"
            upstreams = ["a"]
            """);
        (await gateway.Client.GetAsync("/health")).Dispose();

        foreach (var model in (string[])["a", "cascade"])
        {
            using var middle = await AskAsync(gateway, $$"""{"model":"{{model}}","prompt":"def f():","suffix":"return 1"}""");

            middle.StatusCode.Should().Be(isRelayed ? HttpStatusCode.OK : HttpStatusCode.NotImplemented);
            if (isRelayed)
            {
                (await middle.Content.ReadAsStringAsync()).Should().Be(Whole);
            }
        }

        (await AskAsync(gateway, """{"model":"a","prompt":"Hello"}""")).Dispose();
        upstream.Seen.Should().HaveCount(isRelayed ? 3 : 1);
        upstream.Seen[^1].Should().StartWith("POST /v1/chat/completions ", "a prompt that a chat can answer is one");
    }

    [Fact]
    public async Task A_broken_stream_ends_in_an_error_event()
    {
        await using var upstream = Answering(Piece, "text/event-stream");
        await using var gateway = await GatewayOf(upstream);

        var response = await AskAsync(gateway, """{"model":"a","prompt":"def","stream":true}""");

        var text = await response.Content.ReadAsStringAsync();
        text.Should().StartWith(Piece).And.Contain("upstream_error").And.NotContain("[DONE]");
    }

    [Fact]
    public async Task Limits_and_caps_hold_here_too()
    {
        await using var upstream = Answering(Whole, "application/json");
        await using var gateway = await GatewayOf(upstream);

        var clamped = await AskAsync(gateway, """{"model":"a","prompt":"x","max_tokens":9000}""");
        var refused = await AskAsync(gateway, """{"model":"a","prompt":"x","x_meta_model":{"max_cost_usd":0.1}}""");
        var odd = await AskAsync(gateway, """{"model":"a","prompt":"x","x_meta_model":{"odd":1}}""");

        clamped.Header("X-MetaModel-Clamped").Should().Be("max_tokens");
        upstream.Seen.Single().Should().Contain("\"max_tokens\":512");
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        odd.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>")]
    [InlineData("<fim_prefix>a<fim_suffix>b<fim_middle>")]
    [InlineData("<｜fim▁begin｜>a<｜fim▁hole｜>b<｜fim▁end｜>")]
    [InlineData("<PRE> a <SUF>b <MID>")]
    [InlineData("[SUFFIX]b[PREFIX]a")]
    public async Task Marks_of_a_middle_are_refused_where_nobody_can_fill_it(string prompt)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "prose"), SimulatedModel.Saying("b", "prose"), SimulatedModel.Saying("c", "prose"), SimulatedModel.Saying("s", "prose"));

        foreach (var model in (string[])["a", "cascade", "moa"])
        {
            var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"{{model}}","prompt":"{{prompt}}"}""");

            response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            body.At("error.code").GetString().Should().Be("unsupported_fill_in_the_middle");
            body.At("error.param").GetString().Should().Be("prompt");
        }

        scenario.Models.ChatCalls.Should().BeEmpty();
        (await scenario.PostAsync(Path, """{"model":"a","prompt":"Explain <PRE> and [PREFIX] tags"}""")).Response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway, string body) =>
        gateway.Client.PostAsync(Path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static Task<TestGateway> GatewayOf(Recorded upstream) => TestGateway.StartAsync($"""
        [upstreams.a]
        model_id = "m"
        base_url = "{upstream.BaseUrl}"
        context = 4096
        max_output = 512
        completions = true
        retries = 0
        [upstreams.chatty]
        model_id = "n"
        base_url = "{upstream.BaseUrl}"
        context = 4096
        max_output = 512
        [profiles.cascade]
        type = "cascade"
        upstreams = ["chatty", "a"]
        """);

    private static Recorded Answering(string body, string type) => new(body, type);

    /// <summary>An upstream on a bare socket that gives one answer to every POST and remembers it.</summary>
    private sealed class Recorded : IAsyncDisposable
    {
        private readonly List<string> _seen = [];
        private readonly RawUpstream _upstream;

        public Recorded(string body, string type, string? models = null) => _upstream = new RawUpstream(async call =>
        {
            if (models is not null && call.Head.StartsWith("GET", StringComparison.Ordinal))
            {
                await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {models.Length}\r\n\r\n{models}");
                return;
            }

            if (call.Head.StartsWith("POST", StringComparison.Ordinal))
            {
                lock (_seen)
                {
                    _seen.Add($"{call.Head}\n{call.Body}");
                }
            }

            await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        });

        public string BaseUrl => _upstream.BaseUrl;

        public IReadOnlyList<string> Seen
        {
            get
            {
                lock (_seen)
                {
                    return [.. _seen];
                }
            }
        }

        public ValueTask DisposeAsync() => _upstream.DisposeAsync();
    }
}
