using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Chat.Memory;
using Synthwave.Hosting;
using Synthwave.IntegrationTests.Doors;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;
using Synthwave.Upstreams.Calls;
using static Synthwave.IntegrationTests.BadDays.RawAnswers;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>What requests hold in memory is counted, bounded and given back, whatever becomes of them.</summary>
public sealed class MemoryTests
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly string[] Doors = ["v1/chat/completions", "v1/messages", "v1/responses", "v1/completions", "v1/embeddings", "tokenize"];

    [Fact]
    public async Task A_full_budget_is_a_503_in_the_doors_own_shape_and_is_empty_again_afterwards()
    {
        await using var upstream = RawUpstream.Sending(Http(Document("{\"role\":\"assistant\",\"content\":\"Hi\"}", "\"stop\"")));
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_memory_mb = 64\n" + Toml(upstream.BaseUrl));
        var budget = gateway.Services.GetRequiredService<MemoryBudget>();
        var most = Fill(budget);
        var held = budget.Used;
        foreach (var door in Doors)
        {
            foreach (var isChunked in (bool[])[false, true])
            {
                using var response = await PostAsync(gateway, door, Large("a", 4 * Mebibyte), isChunked);

                var text = await response.Content.ReadAsStringAsync();
                ((int)response.StatusCode).Should().Be(503, "{0} answers {1}", door, text);
                response.Header("Retry-After").Should().Be("1");
                text.Should().Contain(door == "v1/messages" ? "\"overloaded_error\"" : "\"code\":\"overloaded\"");
            }
        }

        using (var small = await PostAsync(gateway, "v1/chat/completions", ChatCall.Body("a")))
        {
            ((int)small.StatusCode).Should().Be(200, "small requests have a part of their own");
        }

        await BadDay.Until(() => budget.Used == held, "what was taken is given back");
        budget.Give(most, "somebody");
        using var large = await PostAsync(gateway, "v1/chat/completions", Large("a", 4 * Mebibyte));
        ((int)large.StatusCode).Should().Be(200);
    }

    [Fact]
    public async Task A_reply_for_which_there_is_no_memory_is_a_503_and_what_was_read_of_it_is_given_back()
    {
        var reply = Http(Document($"{{\"role\":\"assistant\",\"content\":\"{new string('x', 8 * Mebibyte)}\"}}", "\"stop\""));
        await using var upstream = new RawUpstream(call => call.SendAsync(reply));
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_memory_mb = 64\nstream_head_grace_secs = 30\n" + Toml(upstream.BaseUrl));
        var budget = gateway.Services.GetRequiredService<MemoryBudget>();
        Fill(budget);
        var held = budget.Used;
        foreach (var profile in (string[])["a", "cascade", "three"])
        {
            foreach (var stream in (bool[])[false, true])
            {
                using var response = await PostAsync(gateway, "v1/chat/completions", ChatCall.Body(profile, stream: stream));

                var text = await response.Content.ReadAsStringAsync();
                ((int)response.StatusCode).Should().Be(503, "{0} answers {1}", profile, text[..Math.Min(text.Length, 500)]);
                text.Should().Contain("overloaded");
            }
        }

        await BadDay.Until(() => budget.Used == held, "what was taken is given back");
        gateway.Log.Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    public async Task A_reply_that_could_never_have_the_memory_is_too_large(string profile, bool stream)
    {
        var reply = Http(Document($"{{\"role\":\"assistant\",\"content\":\"{new string('x', 20 * Mebibyte)}\"}}", "\"stop\""));
        await using var upstream = new RawUpstream(call => call.SendAsync(reply));
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_memory_mb = 64\nstream_head_grace_secs = 30\n" + Toml(upstream.BaseUrl));

        using var response = await PostAsync(gateway, "v1/chat/completions", ChatCall.Body(profile, stream: stream));

        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).Should().Be(502, "asking again would not help: {0}", text[..Math.Min(text.Length, 500)]);
        text.Should().Contain(profile == "a" ? "max_memory_mb" : "too_large");
    }

    [Fact]
    public async Task Use_and_budget_are_metrics()
    {
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_memory_mb = 64\n");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd("text/plain");

        using var response = await gateway.Client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).Should().Contain("synthwave_memory_budget_bytes 39845888\n").And.Contain("synthwave_memory_used_bytes 0\n");
    }

    [Fact]
    public async Task Without_a_key_the_budget_is_a_share_of_what_the_process_may_use()
    {
        await using var gateway = await TestGateway.StartAsync("");

        var (plan, memory) = (gateway.Services.GetRequiredService<RuntimeHost>().Memory, gateway.Services.GetRequiredService<MemoryBudget>());
        plan.Whole.Should().Be(MemoryBudget.Default());
        memory.Limit.Should().Be(plan.Requests);
        await BadDay.Until(
            () => gateway.Log.Events.Count(static e => e.RenderMessage(CultureInfo.InvariantCulture).StartsWith("Memory, MiB: ", StringComparison.Ordinal)) == 1, "the log tells how it is divided");
    }

    [Theory]
    [InlineData("v1/responses", "{\"content\":\"§\"}")]
    [InlineData("v1/responses", "{\"reasoning_content\":\"§\",\"content\":\"x\"}")]
    [InlineData("v1/responses", "{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"§\"}}]}")]
    [InlineData("v1/messages", "{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"§\"}}]}")]
    public async Task A_stream_that_grows_beyond_what_a_door_may_keep_ends_in_an_error(string door, string delta)
    {
        var chunk = Chunk(delta.Replace("§", new string('x', 64 * 1024), StringComparison.Ordinal));
        var sent = 0;
        await using var upstream = new RawUpstream(async call =>
        {
            if (call.Body.Length == 0)
            {
                await call.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                return;
            }

            await call.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
            for (; sent < 40 * 16; sent++)
            {
                await call.SendAsync(chunk);
            }

            await call.SendAsync(Chunk("{}", "\"stop\"") + Done);
            call.Close();
        });
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_reply_mb = 2\n" + Toml(upstream.BaseUrl).Replace("[upstreams.a]\n", "[upstreams.a]\nstrip_reasoning = \"off\"\n", StringComparison.Ordinal));
        var budget = gateway.Services.GetRequiredService<MemoryBudget>();
        var asked = door == "v1/messages"
            ? "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]"
            : "\"input\":\"hi\",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]";

        using var response = await PostAsync(gateway, door, $"{{\"model\":\"open\",\"stream\":true,{asked}}}");
        var text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(200);
        text.Should().Contain("max_reply_mb").And.Contain(door == "v1/messages" ? "event: error" : "event: response.failed").And.NotContain("response.completed").And.NotContain("message_stop");
        text.Length.Should().BeLessThan(delta.Contains("reasoning", StringComparison.Ordinal) ? 10 * Mebibyte : 4 * Mebibyte, "what was told once is not told again with the error");
        if (door != "v1/messages")
        {
            text.Should().Contain("\"code\":\"too_large\"");
        }

        await BadDay.Until(() => budget.Used == 0, "what was kept is given back");
        sent.Should().BeLessThan(40 * 16, "nobody waits for the rest");
        gateway.Log.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task A_long_answer_is_told_stored_and_told_again_whole()
    {
        var piece = string.Create(CultureInfo.InvariantCulture, $"{new string('y', 32 * 1024)} ");
        await using var upstream = new RawUpstream(call => call.SendAsync(call.Body.Length == 0
            ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            : Http(string.Concat(Enumerable.Repeat(Chunk($"{{\"content\":\"{piece}\"}}"), 40)) + Chunk("{}", "\"stop\"") + Done)));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await PostAsync(gateway, "v1/responses", "{\"model\":\"a\",\"stream\":true,\"input\":\"hi\"}");
        var text = await response.Content.ReadAsStringAsync();

        var last = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1];
        last.Should().StartWith("event: response.completed\n");
        var told = JsonElement.Parse(last[(last.IndexOf("data: ", StringComparison.Ordinal) + 6)..]).GetProperty("response");
        told.GetProperty("output_text").GetString().Should().Be(string.Concat(Enumerable.Repeat(piece, 40)));
        told.At("output[0].content[0].text").GetString().Should().Be(told.GetProperty("output_text").GetString());
        var id = told.GetProperty("id").GetString();
        (await gateway.Client.GetStringAsync($"/v1/responses/{id}")).Should().Be(told.GetRawText());
        (await gateway.Client.GetStringAsync($"/v1/responses/{id}?stream=true")).Should().Be(text);
    }

    [Theory]
    [InlineData("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"§\"}}")]
    [InlineData("{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"redacted_thinking\",\"data\":\"§\"}}")]
    [InlineData("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"§\"}}")]
    public async Task What_an_anthropic_upstream_signs_or_hides_is_bounded_too(string more)
    {
        (await SignedAsync(more, "")).Should().Contain("larger than the gateway accepts");
        (await SignedAsync(more, "[server]\nmax_memory_mb = 64\n")).Should().Contain("no memory left for the call");
    }

    private static async Task<string> SignedAsync(string more, string server)
    {
        var events = new StringBuilder();
        events.Append("data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n");
        events.Append("data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n");
        var piece = $"data: {more.Replace("§", new string('z', Mebibyte), StringComparison.Ordinal)}\n\n" + (more.Contains("redacted", StringComparison.Ordinal) ? "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n" : "");
        for (var i = 0; i < 18; i++)
        {
            events.Append(piece);
        }

        events.Append("data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"Hi\"}}\n\n");
        events.Append("data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}}\n\ndata: {\"type\":\"message_stop\"}\n\n");
        var body = events.ToString();
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(body)));
        await using var gateway = await TestGateway.StartAsync(
            $"{server}[upstreams.claude]\nprotocol = \"anthropic\"\napi_key = \"k\"\nretries = 0\nmodel_id = \"claude\"\nbase_url = \"{upstream.BaseUrl}\"\ncontext = 8192\nmax_output = 512\n");

        using var response = await PostAsync(gateway, "v1/chat/completions", ChatCall.Body("claude", stream: true));

        var text = await response.Content.ReadAsStringAsync();
        await BadDay.Until(() => gateway.Services.GetRequiredService<MemoryBudget>().Used == 0, "what was taken is given back");
        return text;
    }

    [Fact]
    public async Task What_outlives_requests_is_bounded_with_them_and_a_reload_changes_it()
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(call.Body.Length == 0
            ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" : Http(Document($"{{\"role\":\"assistant\",\"content\":\"{new string('x', Mebibyte)}\"}}", "\"stop\""))));
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_memory_mb = 64\n" + Toml(upstream.BaseUrl));
        var (host, budget, responses) = (gateway.Services.GetRequiredService<RuntimeHost>(), gateway.Services.GetRequiredService<MemoryBudget>(), gateway.Services.GetRequiredService<ResponseStore>());
        for (var i = 0; i < 20; i++)
        {
            using var response = await PostAsync(gateway, "v1/responses", "{\"model\":\"a\",\"input\":\"hi\"}");
            ((int)response.StatusCode).Should().Be(200);
        }

        responses.Count.Should().BeInRange(10, 16);
        responses.Bytes.Should().BeLessThanOrEqualTo(16 * Mebibyte, "response_store_mb says more, but a quarter is the most");
        (responses.Limit + gateway.Services.GetRequiredService<UpstreamRegistry>().ThinkingLimit + budget.Limit).Should().BeLessThan(64 * Mebibyte);

        var config = host.Current.Config;
        host.Swap(config with { Server = config.Server with { ResponseStoreBytes = 2 * Mebibyte } });

        responses.Bytes.Should().BeLessThanOrEqualTo(2 * Mebibyte);
        budget.Limit.Should().Be((38 + 14) * Mebibyte);
    }

    [Theory]
    [InlineData("\"previous_response_id\":\"§\",\"input\":\"go on\"")]
    [InlineData("\"input\":[{\"type\":\"item_reference\",\"id\":\"¤\"}]")]
    public async Task A_conversation_that_is_continued_counts_although_its_request_is_small(string more)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(call.Body.Length == 0
            ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" : Http(Document($"{{\"role\":\"assistant\",\"content\":\"{new string('x', 3 * Mebibyte)}\"}}", "\"stop\""))));
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_memory_mb = 64\n" + Toml(upstream.BaseUrl));
        var budget = gateway.Services.GetRequiredService<MemoryBudget>();
        JsonElement told;
        using (var first = await PostAsync(gateway, "v1/responses", "{\"model\":\"a\",\"input\":\"hi\"}"))
        {
            told = JsonElement.Parse(await first.Content.ReadAsStringAsync());
        }

        var body = $"{{\"model\":\"a\",{more.Replace("§", told.GetProperty("id").GetString(), StringComparison.Ordinal).Replace("¤", told.At("output[0].id").GetString(), StringComparison.Ordinal)}}}";
        await BadDay.Until(() => budget.Used == 0, "what was taken is given back");
        var most = Fill(budget);
        var held = budget.Used;
        foreach (var door in (string[])["v1/responses", "v1/responses/input_tokens"])
        {
            using var refused = await PostAsync(gateway, door, body);
            var text = await refused.Content.ReadAsStringAsync();
            ((int)refused.StatusCode).Should().Be(503, "{0} answers {1}", door, text[..Math.Min(text.Length, 500)]);
            text.Should().Contain("\"code\":\"overloaded\"");
        }

        await BadDay.Until(() => budget.Used == held, "what was taken is given back");
        budget.Give(most, "somebody");
        using var counted = await PostAsync(gateway, "v1/responses/input_tokens", body);
        ((int)counted.StatusCode).Should().Be(200);
    }

    [Theory]
    [InlineData("a", 200)]
    [InlineData("claude", 503)]
    public async Task A_conversation_in_the_words_of_another_protocol_counts_once_more(string profile, int status)
    {
        await using var upstream = RawUpstream.Sending(Http(Document("{\"role\":\"assistant\",\"content\":\"Hi\"}", "\"stop\"")));
        await using var gateway = await TestGateway.StartAsync(
            "[server]\nmax_memory_mb = 64\n" + Toml(upstream.BaseUrl)
            + $"[upstreams.claude]\nprotocol = \"anthropic\"\napi_key = \"k\"\nretries = 0\nmodel_id = \"claude\"\nbase_url = \"{upstream.BaseUrl}\"\ncontext = 8192\nmax_output = 512\n");
        var text = new string('x', 12 * Mebibyte);

        using var response = await PostAsync(gateway, "v1/chat/completions", $"{{\"model\":\"{profile}\",\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}");

        var told = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).Should().Be(status, told[..Math.Min(told.Length, 500)]);
        told.Should().Contain(status == 200 ? "Hi" : "no memory left for the call");
        await BadDay.Until(() => gateway.Services.GetRequiredService<MemoryBudget>().Used == 0, "what was taken is given back");
    }

    // All but a mebibyte of what large requests may take; what "somebody" has of it.
    private static long Fill(MemoryBudget budget)
    {
        var half = (budget.Limit / 2) - (2 * Mebibyte);
        budget.TryTake(half, "somebody").Should().BeTrue();
        budget.TryTake((budget.Limit / 8 * 3) + Mebibyte, "somebody else").Should().BeTrue();
        return half;
    }

    private static async Task<HttpResponseMessage> PostAsync(TestGateway gateway, string door, string body, bool isChunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, door)) { Content = ChatCall.Content(body) };
        request.Headers.TransferEncodingChunked = isChunked;
        return await gateway.Client.SendAsync(request);
    }

    // Right at every door.
    private static string Large(string model, int bytes) =>
        $"{{\"model\":\"{model}\",\"max_tokens\":9,\"prompt\":\"hi\",\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}],\"input\":\"{new string('x', bytes)}\"}}";
}
