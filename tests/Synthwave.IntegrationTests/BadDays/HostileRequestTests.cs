using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;
using static Synthwave.IntegrationTests.BadDays.RawAnswers;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Requests made to break whoever reads them: each is answered, or refused with a status of the request's own.</summary>
public sealed class HostileRequestTests
{
    private static readonly int[] Depths = [63, 64, 65, 127, 128, 129, 200, 249, 250, 251, 252, 253, 254, 255, 256, 257, 400];

    public static TheoryData<string, string> Places
    {
        get
        {
            const string Hi = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
            const string Call = "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"1\"}]";
            var places = new TheoryData<string, string>();
            foreach (var member in (string[])["stream_options", "metadata", "tool_choice", "response_format", "x", "x_meta_model", "x_anthropic", "thinking", "reasoning", "model"])
            {
                places.Add("v1/chat/completions", $"{Hi},\"{member}\":§");
                places.Add("v1/messages", $"\"max_tokens\":9,{Hi},\"{member}\":§");
                places.Add("v1/responses", $"\"input\":\"hi\",\"{member}\":§");
                places.Add("v1/completions", $"\"prompt\":\"hi\",\"{member}\":§");
                places.Add("v1/embeddings", $"\"input\":\"hi\",\"{member}\":§");
            }

            places.Add("v1/chat/completions", $"{Hi},\"tools\":[{{\"type\":\"function\",\"function\":{{\"name\":\"f\",\"parameters\":§}}}}]");
            places.Add("v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":§}]");
            places.Add("v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\"x_anthropic\":§}]");
            places.Add("v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\",\"cache_control\":§}]}]");
            places.Add("v1/chat/completions", $"\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}},{{\"role\":\"assistant\",\"content\":null,\"thinking_blocks\":[{{\"a\":§}}],\"tool_calls\":[{{\"id\":\"c\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":\"{{}}\"}}}}]}},{Call}");
            places.Add("v1/chat/completions", $"\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}},{{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{{\"id\":\"c\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":\"¤\"}}}}]}},{Call}");
            places.Add("v1/chat/completions", $"\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}},{{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{{\"id\":\"c\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":§}}}}]}},{Call}");
            places.Add("v1/messages", $"\"max_tokens\":9,\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}},{{\"role\":\"assistant\",\"content\":[{{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":{{\"a\":§}}}}]}},{{\"role\":\"user\",\"content\":[{{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"content\":\"1\"}}]}}]");
            places.Add("v1/messages", "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\",\"cache_control\":§}]}]");
            places.Add("v1/messages", $"\"max_tokens\":9,\"system\":[{{\"type\":\"text\",\"text\":\"s\",\"cache_control\":§}}],{Hi}");
            places.Add("v1/messages", $"\"max_tokens\":9,{Hi},\"tools\":[{{\"name\":\"f\",\"input_schema\":§}}]");
            places.Add("v1/responses", "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hi\",\"x\":§}]}]");
            places.Add("v1/responses", "\"input\":[{\"role\":\"user\",\"content\":\"hi\"},{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"¤\"},{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"1\"}]");
            places.Add("v1/responses", "\"input\":\"hi\",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":§}]");
            places.Add("tokenize", "\"prompt\":\"hi\",\"x\":§");
            return places;
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Nests_of_every_depth_are_answered_or_refused(string door, string place)
    {
        const string Reply = "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
        const string Message = "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}";
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(call.Head.Contains("/messages", StringComparison.Ordinal) ? Message : Reply)));
        await using var gateway = await TestGateway.StartAsync(
            Toml(upstream.BaseUrl) + $"[upstreams.claude]\nprotocol = \"anthropic\"\napi_key = \"k\"\nretries = 0\nmodel_id = \"claude\"\nbase_url = \"{upstream.BaseUrl}\"\ncontext = 8192\nmax_output = 512\n");
        foreach (var model in place.Contains("\"model\":", StringComparison.Ordinal) ? (string[])[""] : ["a", "claude", "moa"])
        {
            foreach (var depth in Depths)
            {
                foreach (var (down, up) in ((string, string)[])[("[", "]"), ("{\"a\":", "}")])
                {
                    foreach (var stream in (bool[])[false, true])
                    {
                        var nest = string.Concat(Enumerable.Repeat(down, depth)) + "1" + string.Concat(Enumerable.Repeat(up, depth));
                        var members = place.Replace("§", nest, StringComparison.Ordinal).Replace("¤", nest.Replace("\"", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
                        var wantsStream = stream && !place.Contains("\"stream\":", StringComparison.Ordinal) && door is not ("v1/embeddings" or "tokenize");
                        using var response = await gateway.Client.PostAsync(
                            new Uri(gateway.Address, door), ChatCall.Content($"{{{(model.Length > 0 ? $"\"model\":\"{model}\"," : "")}{(wantsStream ? "\"stream\":true," : "")}{members}}}"));

                        var text = await response.Content.ReadAsStringAsync();
                        gateway.Log.Errors.Select(static e => e.Exception?.ToString()).Should().BeEmpty("{0} of {1} levels to {2} is answered with {3}", down, depth, model, text);
                        ((int)response.StatusCode).Should().NotBe(500, "{0} of {1} levels to {2} is answered with {3}", down, depth, model, text);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("10000000000000000")]
    [InlineData("-1")]
    [InlineData("zz")]
    public async Task A_chunk_size_that_is_none_is_a_400(string size)
    {
        await using var day = await BadDay.StartAsync();
        foreach (var path in (string[])["v1/chat/completions", "v1/messages", "v1/responses", "v1/completions", "v1/embeddings", "tokenize", "v1/messages/count_tokens"])
        {
            using var client = await RawClient.ConnectAsync(day.Gateway.Address);

            await client.SendAsync($"POST /{path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{\r\n0\r\n\r\n");
            (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue("{0} answers", path);

            client.Received.Should().StartWith("HTTP/1.1 400 ").And.Contain("Connection: close");
        }

        day.Gateway.Log.Errors.Should().BeEmpty();
    }
}
