using System.Text;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.UnitTests.Chat;

public sealed class RequestHostileTests
{
    [Fact]
    public void Mutated_and_cut_bodies_never_throw()
    {
        byte[] fragments = [.. "{}[]\",:\\u/-+.eE0019tfn d8cC\0\n"u8, 0xC3, 0xED, 0xFF, 0xF0, 0x80];
        for (var seed = 0; seed < 3000; seed++)
        {
            var generator = new RequestGenerator(seed);
            var bytes = Encoding.UTF8.GetBytes(generator.ValidBody()).ToList();
            for (var mutations = 1 + generator.Random.Next(4); mutations > 0; mutations--)
            {
                Mutate(generator, bytes, fragments);
            }

            var read = () => ChatRequestReader.Read(bytes.ToArray());

            var reading = read.Should().NotThrow($"seed {seed}").Subject;
            object?[] outcomes = [reading.Request, reading.SchemaError, reading.CheckError];
            outcomes.Count(outcome => outcome is not null).Should().Be(1, $"seed {seed}");
            if (!IsJson(bytes.ToArray()))
            {
                reading.SchemaError.Should().NotBeNull($"seed {seed}").And.Match<GatewayError>(error => error.Param == null, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void Every_truncation_is_a_bad_request()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var body = Encoding.UTF8.GetBytes(new RequestGenerator(seed).ValidBody());
            ChatRequestReader.Read(body).Request.Should().NotBeNull($"seed {seed}");

            for (var length = 0; length < body.Length; length++)
            {
                var reading = ChatRequestReader.Read(body.AsMemory(0, length));

                reading.Request.Should().BeNull($"seed {seed}, length {length}");
                reading.SchemaError!.Param.Should().BeNull($"seed {seed}, length {length}");
            }
        }
    }

    [Fact]
    public void Long_history_costs_no_memory()
    {
        const string Message = "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"l\\u00edne\\n\"}],\"name\":\"n\"}";
        var few = Body("\"messages\":[" + Message + "]");
        var many = Body($"\"messages\":[{string.Join(',', Enumerable.Repeat(Message, 10_000))}]");

        ChatRequestReader.Read(many).Request!.PromptTokens.Should().Be(10_000 * MessageTokens.Of(Encoding.UTF8.GetBytes(Message)));

        Allocated(many).Should().BeLessThanOrEqualTo(Allocated(few) + 64);
    }

    [Fact]
    public void Errors_in_every_message_cost_no_memory()
    {
        var body = Body($"\"messages\":[{string.Join(',', Enumerable.Repeat("{\"content\":5,\"tool_calls\":[1]}", 10_000))}]");

        ChatRequestReader.Read(body).SchemaError!.Param.Should().Be("messages[0].role");

        Allocated(body).Should().BeLessThan(16 * 1024);
    }

    [Fact]
    public void Million_keys_are_indexed_in_proportion_to_the_body()
    {
        var text = new StringBuilder();
        for (var at = 0; at < 1_000_000; at++)
        {
            text.Append("\"k").Append(at).Append("\":0,");
        }

        var body = Body(text + "\"messages\":[{\"role\":\"user\"}]");
        ChatRequestReader.Read(body).Request.Should().NotBeNull();

        Allocated(body).Should().BeLessThan(8L * body.Length);
    }

    [Fact]
    public void Last_of_a_million_keys_may_be_the_duplicate()
    {
        var text = new StringBuilder("\"messages\":[{\"role\":\"user\"}]");
        for (var at = 0; at < 1_000_000; at++)
        {
            text.Append(",\"k").Append(at).Append("\":0");
        }

        ChatRequestReader.Read(Body(text + ",\"k5\":0")).SchemaError!.Param.Should().Be("k5");
    }

    [Fact]
    public void Fifty_megabytes_of_text_are_not_copied()
    {
        var body = Body($"\"messages\":[{{\"role\":\"user\",\"content\":\"{new string('a', 50 * 1024 * 1024)}\\n\"}}]");
        ChatRequestReader.Read(body).Request!.PromptTokens.Should().BeGreaterThan(18_000_000);

        Allocated(body).Should().BeLessThan(16 * 1024);
    }

    [Fact]
    public void Ordinary_request_costs_few_bytes()
    {
        var body = Body("\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":true,\"temperature\":0.2,\"max_tokens\":5");
        ChatRequestReader.Read(body).Request.Should().NotBeNull();

        Allocated(body).Should().BeLessThan(1200);
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = JsonLimits.MaxDepth });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Mutate(RequestGenerator generator, List<byte> bytes, byte[] fragments)
    {
        if (bytes.Count == 0)
        {
            return;
        }

        var at = generator.Random.Next(bytes.Count);
        switch (generator.Random.Next(5))
        {
            case 0:
                bytes.RemoveAt(at);
                break;
            case 1:
                bytes.Insert(at, generator.Pick(fragments));
                break;
            case 2:
                bytes[at] = generator.Pick(fragments);
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, generator.Random.Next(20)));
                break;
            default:
                var length = Math.Min(bytes.Count - at, generator.Random.Next(40));
                bytes.InsertRange(generator.Random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
        }
    }

    private static byte[] Body(string members) => Encoding.UTF8.GetBytes($"{{\"model\":\"m\",{members}}}");

    // The first read warms the pools and the code. A collection meanwhile counts the rest of a thread's allocation buffer as used: the least of some counts.
    private static long Allocated(byte[] body)
    {
        ChatRequestReader.Read(body);
        return Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ChatRequestReader.Read(body);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }
}
