using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Api.Dialects.Completions;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.Anthropic;

namespace Synthwave.UnitTests.Api.Dialects;

/// <summary>Whatever an answer says, every dialect says it: text, calls, ids, order, usage and how it ended, whole or in events.</summary>
public class RoundTripTests
{
    [Fact]
    public void Messages_keep_what_an_answer_says() => Seeded.Run(300, random =>
    {
        var script = ChatScript.Next(random);
        var whole = JsonElement.Parse(new MessagesShape("metamodel-0", "m", wantsReasoning: false, new MessageCallIds(), static () => 0).Whole(script.Completion(), default).Span);
        var events = Events(new MessagesShape("metamodel-0", "m", wantsReasoning: false, new MessageCallIds(), static () => 0), script);

        CheckBlocks([.. whole.GetProperty("content").EnumerateArray().Select(b => JsonNode.Parse(b.GetRawText())!.AsObject())], script);
        CheckBlocks(Assemble(events), script);
        foreach (var end in (JsonElement[])[whole, events.Single(e => Type(e) == "message_delta").GetProperty("delta")])
        {
            end.GetProperty("stop_reason").GetString().Should().Be(script.FinishReason switch { "tool_calls" => "tool_use", "length" => "max_tokens", _ => "end_turn" });
        }

        foreach (var usage in (JsonElement[])[whole.GetProperty("usage"), events.Single(e => Type(e) == "message_delta").GetProperty("usage")])
        {
            usage.GetProperty("input_tokens").GetInt64().Should().Be(script.Usage.PromptTokens);
            usage.GetProperty("output_tokens").GetInt64().Should().Be(script.Usage.CompletionTokens);
        }

        Type(events[^1]).Should().Be("message_stop");
    });

    [Fact]
    public void Responses_keep_what_an_answer_says() => Seeded.Run(300, random =>
    {
        var script = ChatScript.Next(random);
        var whole = JsonElement.Parse(Shape().Whole(script.Completion(), default).Span);
        var events = Events(Shape(), script);
        var streamed = events[^1].GetProperty("response");

        events.Select(e => e.GetProperty("sequence_number").GetInt32()).Should().Equal(Enumerable.Range(0, events.Count));
        foreach (var response in (JsonElement[])[whole, streamed])
        {
            response.GetProperty("output_text").GetString().Should().Be(script.Text);
            response.GetProperty("output").EnumerateArray().Where(i => Type(i) == "function_call")
                .Select(i => (i.GetProperty("call_id").GetString()!, i.GetProperty("name").GetString()!, i.GetProperty("arguments").GetString()!)).Should().Equal(script.Calls);
            response.GetProperty("status").GetString().Should().Be(script.FinishReason == "length" ? "incomplete" : "completed");
            response.GetProperty("usage").GetProperty("total_tokens").GetInt64().Should().Be(script.Usage.TotalTokens);
        }

        foreach (var done in events.Where(e => Type(e) is "response.output_text.done" or "response.function_call_arguments.done"))
        {
            var id = done.GetProperty("item_id").GetString();
            string.Concat(events.Where(e => Type(e).EndsWith(".delta", StringComparison.Ordinal) && e.GetProperty("item_id").GetString() == id).Select(e => e.GetProperty("delta").GetString()))
                .Should().Be(done.GetProperty(Type(done) == "response.output_text.done" ? "text" : "arguments").GetString());
        }

        events.Count(e => Type(e) == "response.output_item.added").Should().Be(events.Count(e => Type(e) == "response.output_item.done"));

        static ResponsesShape Shape()
        {
            using var document = DialectBody.Parse("""{"model":"m","input":"x"}"""u8.ToArray(), out _);
            return new ResponsesShape(ResponseEcho.Of(document!.RootElement, "resp_0", 1, null, isStored: false), ResponseWishes.None, null);
        }
    });

    [Fact]
    public void Responses_are_told_again_as_they_were_told() => Seeded.Run(300, random =>
    {
        var script = ChatScript.Next(random);
        var kinds = random.GetItems(Enum.GetValues<ResponseToolKind>(), 4);
        var store = new ResponseStore(TimeProvider.System);
        var id = "resp_" + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 12));
        using var document = DialectBody.Parse("""{"model":"m","input":"x"}"""u8.ToArray(), out _);
        var shape = new ResponsesShape(
            ResponseEcho.Of(document!.RootElement, id, 1, null, isStored: true),
            new ResponseWishes(name => new ResponseTool(kinds[name[1] - '0'], null, name), false, random.Next(2) == 0, random.Next(2) == 0),
            (json, output, steps) => store.Add(id, null, json, new ResponseTurn(null, default, output), steps, TimeSpan.FromHours(1)));

        var events = Events(shape, script);
        var again = new ArrayBufferWriter<byte>();
        var after = random.Next(-1, events.Count);
        _ = ResponseReplay.Write(store.Find(id, null)!, after, again).Count();

        Encoding.UTF8.GetString(again.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('\n')[1]["data: ".Length..])
            .Should().Equal(events.Skip(Math.Min(after + 1, events.Count - 1)).Select(e => e.GetRawText()));
        events.Where(e => Type(e) == "response.output_item.added").Select(e => e.GetProperty("output_index").GetInt32())
            .Should().Equal(Enumerable.Range(0, events.Count(e => Type(e) == "response.output_item.done")), "clients count items as they are announced");
        events.Where(e => Type(e) == "response.output_item.done").OrderBy(e => e.GetProperty("output_index").GetInt32()).Select(e => e.GetProperty("item").GetRawText())
            .Should().Equal(events[^1].GetProperty("response").GetProperty("output").EnumerateArray().Select(i => i.GetRawText()));
    });

    [Fact]
    public void Completions_keep_the_text() => Seeded.Run(200, random =>
    {
        var script = ChatScript.Next(random);
        var whole = JsonElement.Parse(new CompletionsShape(wantsUsage: true).Whole(script.Completion(), default).Span);
        var output = new ArrayBufferWriter<byte>();
        Play(new CompletionsShape(wantsUsage: true), script, output);
        var chunks = Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e["data: ".Length..]).ToList();

        whole.GetProperty("choices")[0].GetProperty("text").GetString().Should().Be(script.Text);
        chunks[^1].Should().Be("[DONE]");
        var parsed = chunks[..^1].Select(c => JsonElement.Parse(c)).ToList();
        string.Concat(parsed.SelectMany(c => c.GetProperty("choices").EnumerateArray()).Select(c => c.GetProperty("text").GetString())).Should().Be(script.Text);
        parsed[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be(script.FinishReason);
        parsed[^1].GetProperty("usage").GetProperty("total_tokens").GetInt64().Should().Be(script.Usage.TotalTokens);
    });

    [Fact]
    public void A_Messages_request_reaches_an_Anthropic_upstream_as_it_was() => Seeded.Run(300, random =>
    {
        var request = Request(random);
        using var document = DialectBody.Parse(Encoding.UTF8.GetBytes(request.ToJsonString()), out var error);
        error.Should().BeNull();
        var translation = new MessagesTranslation(document!.RootElement, AnthropicHead.None, new MessagesScope(isOwn: true, isAll: true));
        translation.Run().Should().BeNull();
        var reading = ChatRequestReader.Read(translation.Body);
        reading.Request.Should().NotBeNull("{0}", reading.SchemaError ?? reading.CheckError);

        var config = new UpstreamConfig { Name = "u", ModelId = "real", BaseUrl = "http://x", Context = 100_000, MaxOutput = 50_000, Protocol = UpstreamProtocol.Anthropic };
        var wire = JsonNode.Parse(new AnthropicBody(reading.Request!.Body, config, new ThinkingStore(TimeProvider.System).Open()).Build(stream: false)!.ToArray())!.AsObject();

        wire["model"]!.GetValue<string>().Should().Be("real");
        foreach (var name in (string[])["system", "max_tokens", "thinking", "metadata", "tools", "tool_choice", "stop_sequences", "unknown_member"])
        {
            Plain(wire[name]).Should().Be(Plain(request[name]), name);
        }

        // A lone text may be told as a string or as its block.
        Blocks(wire["messages"]!).Should().Be(Blocks(request["messages"]!));
    });

    private static string? Plain(JsonNode? node) => node?.ToJsonString();

    private static string Blocks(JsonNode messages) => new JsonArray([.. messages.AsArray().Select(m => (JsonNode)new JsonObject
    {
        ["role"] = m!["role"]!.DeepClone(),
        ["content"] = m["content"] is JsonArray blocks ? blocks.DeepClone() : new JsonArray(new JsonObject { ["type"] = "text", ["text"] = m["content"]!.DeepClone() }),
    })]).ToJsonString();

    // Turns take turns; a tool loop now and then, its results ahead of the user's words, thinking signed; texts never empty.
    private static JsonObject Request(Random random)
    {
        var messages = new JsonArray();
        for (var turn = random.Next(1, 4); turn > 0; turn--)
        {
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = User(random, []) });
            if (random.Next(2) == 0)
            {
                var id = $"toolu_{random.Next(100_000)}";
                var input = new JsonObject { ["k"] = Words(random), ["deep"] = new JsonArray(1, new JsonObject { ["x"] = null }) };
                messages.Add(new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = new JsonArray(
                        new JsonObject { ["type"] = "thinking", ["thinking"] = Words(random), ["signature"] = "sig+/=" + random.Next() },
                        new JsonObject { ["type"] = "redacted_thinking", ["data"] = "opaque==" },
                        Text(random),
                        new JsonObject { ["type"] = "tool_use", ["id"] = id, ["name"] = "f", ["input"] = input }),
                });
                messages.Add(new JsonObject { ["role"] = "user", ["content"] = User(random, [new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = id, ["content"] = Words(random) }]) });
            }

            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(Text(random)) });
        }

        messages.Add(new JsonObject { ["role"] = "user", ["content"] = User(random, []) });
        return new JsonObject
        {
            ["model"] = "m",
            ["max_tokens"] = random.Next(4000, 9000),
            ["system"] = Words(random),
            ["messages"] = messages,
            ["tools"] = new JsonArray(new JsonObject { ["name"] = "f", ["description"] = Words(random), ["input_schema"] = new JsonObject { ["type"] = "object" } }),
            ["tool_choice"] = new JsonObject { ["type"] = "auto" },
            ["stop_sequences"] = new JsonArray("END"),
            ["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 2000 },
            ["metadata"] = new JsonObject { ["user_id"] = Words(random) },
            ["unknown_member"] = new JsonObject { ["kept"] = true },
        };
    }

    private static JsonArray User(Random random, IEnumerable<JsonNode> first)
    {
        var blocks = new JsonArray([.. first]) { Text(random) };
        if (random.Next(3) == 0)
        {
            blocks.Add(new JsonObject { ["type"] = "image", ["source"] = new JsonObject { ["type"] = "base64", ["media_type"] = "image/png", ["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Words(random))) } });
        }

        return blocks;
    }

    private static JsonObject Text(Random random) => new() { ["type"] = "text", ["text"] = Words(random) };

    private static string Words(Random random) => "w" + RandomText.Valid(random, random.Next(1, 20));

    private static void CheckBlocks(List<JsonObject> blocks, ChatScript script)
    {
        string.Concat(blocks.Where(b => b["type"]!.GetValue<string>() == "text").Select(b => b["text"]!.GetValue<string>())).Should().Be(script.Text);
        blocks.Where(b => b["type"]!.GetValue<string>() == "tool_use").Select(b => (b["id"]!.GetValue<string>(), b["name"]!.GetValue<string>(), b["input"]!.ToJsonString()))
            .Should().Equal(script.Calls.Select(c => (c.Id, c.Name, JsonNode.Parse(c.Arguments)!.ToJsonString())));
    }

    private static List<JsonElement> Events(AnswerShape shape, ChatScript script)
    {
        var output = new ArrayBufferWriter<byte>();
        Play(shape, script, output);
        return [.. Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e =>
        {
            var lines = e.Split('\n');
            var data = JsonElement.Parse(lines[1]["data: ".Length..]);
            lines[0].Should().Be("event: " + Type(data));
            return data;
        })];
    }

    private static void Play(AnswerShape shape, ChatScript script, ArrayBufferWriter<byte> output)
    {
        shape.Open(new DispatchReport("r", 0), output);
        foreach (var answer in script.Events())
        {
            shape.Write(answer, output);
        }

        shape.Close(new EndedStream(), script.Report(), default, output);
    }

    private static List<JsonObject> Assemble(List<JsonElement> events)
    {
        var blocks = new List<JsonObject>();
        var input = new StringBuilder();
        foreach (var e in events)
        {
            switch (Type(e))
            {
                case "content_block_start":
                    e.GetProperty("index").GetInt32().Should().Be(blocks.Count);
                    blocks.Add(JsonNode.Parse(e.GetProperty("content_block").GetRawText())!.AsObject());
                    input.Clear();
                    break;
                case "content_block_delta":
                    e.GetProperty("index").GetInt32().Should().Be(blocks.Count - 1);
                    var delta = e.GetProperty("delta");
                    if (Type(delta) == "text_delta")
                    {
                        blocks[^1]["text"] = blocks[^1]["text"]!.GetValue<string>() + delta.GetProperty("text").GetString();
                    }
                    else
                    {
                        input.Append(delta.GetProperty("partial_json").GetString());
                    }

                    break;
                case "content_block_stop" when input.Length > 0:
                    blocks[^1]["input"] = JsonNode.Parse(input.ToString());
                    break;
            }
        }

        return blocks;
    }

    private static string Type(JsonElement e) => e.GetProperty("type").GetString()!;
}
