using System.Text;
using System.Text.Json.Nodes;
using Synthwave.Chat.Requests;
using Synthwave.Strategies.MixtureOfAgents.Compaction;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat.Compaction;

/// <summary>What holds for every conversation and every budget.</summary>
public sealed class ConversationGeneratedTests
{
    [Fact]
    public void Any_conversation_fitted_to_any_budget_keeps_its_promises()
    {
        Seeded.Run(400, random =>
        {
            var talk = Generate(random);
            var json = talk.Json;
            var conversation = Conversation.Of(json);
            conversation.Tokens.Should().Be(MessageTokens.OfAll(json));
            conversation.LeastTokens.Should().BeLessThanOrEqualTo(conversation.Tokens);
            var budget = random.Next(0, conversation.Tokens + 50);

            var fitted = conversation.Fit(budget);

            (fitted is null).Should().Be(budget < conversation.LeastTokens);
            if (fitted is not null)
            {
                Check(talk, fitted, budget);
            }
        });
    }

    [Fact]
    public void Least_budget_is_met_by_any_conversation()
    {
        Seeded.Run(200, random =>
        {
            var talk = Generate(random);
            var conversation = Conversation.Of(talk.Json);

            Check(talk, conversation.Fit(conversation.LeastTokens)!, conversation.LeastTokens);
        });
    }

    private static void Check(Talk talk, FittedConversation fitted, int budget)
    {
        fitted.Tokens.Should().BeLessThanOrEqualTo(budget).And.Be(MessageTokens.OfAll(fitted.Messages.Span));
        var text = Encoding.UTF8.GetString(fitted.Messages.Span);
        var messages = Talk.Parse(fitted.Messages);

        var originals = talk.Messages.Select(m => JsonNode.Parse(m)!).ToArray();
        var leading = originals.TakeWhile(m => RoleOf(m) is "system" or "developer").ToArray();
        messages.Take(leading.Length).Zip(leading).Count(p => Talk.Content(p.First).StartsWith(Talk.Content(p.Second), StringComparison.Ordinal)).Should().Be(leading.Length);
        if (talk.Messages.LastOrDefault(m => m.Contains("\"role\":\"user\"", StringComparison.Ordinal)) is { } question)
        {
            text.Should().Contain(question);
        }

        // No result without its call, and no call without the results it had.
        var called = new Dictionary<string, int>();
        foreach (var message in messages)
        {
            foreach (var call in message["tool_calls"]?.AsArray() ?? [])
            {
                var id = call!["id"]!.GetValue<string>();
                called[id] = called.GetValueOrDefault(id);
                JsonNode.Parse(call["function"]!["arguments"]!.GetValue<string>()).Should().BeOfType<JsonObject>();
            }

            if (message["tool_call_id"]?.GetValue<string>() is { } result && !result.StartsWith("orphan", StringComparison.Ordinal))
            {
                called.Should().ContainKey(result);
                called[result]++;
            }
        }

        called.Values.Where(count => count != 1).Should().BeEmpty();
    }

    private static Talk Generate(Random random)
    {
        var talk = new Talk();
        var nextId = 0;
        for (var i = random.Next(0, 3); i > 0; i--)
        {
            talk.Say(random.Next(2) == 0 ? "system" : "developer", Prose(random, 400));
        }

        for (var i = random.Next(1, 25); i > 0; i--)
        {
            switch (random.Next(8))
            {
                case 0 or 1 or 2:
                    talk.Turn(Prose(random, 1500), Prose(random, 1500));
                    break;
                case 3:
                    talk.Say("user", Prose(random, 800));
                    break;
                case 4:
                    talk.Say(random.Next(2) == 0 ? "system" : "assistant", Prose(random, 300));
                    break;
                case 5:
                    talk.Result($"orphan{i}", Prose(random, 900));
                    break;
                default:
                    var ids = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"c{nextId++}").ToArray();
                    talk.CallWith($"{{\"a\":\"{new string('y', random.Next(0, 2000))}\"}}", ids);
                    foreach (var id in ids.OrderBy(_ => random.Next()))
                    {
                        if (random.Next(6) == 0)
                        {
                            talk.Say(random.Next(2) == 0 ? "user" : "assistant", Prose(random, 100));
                        }

                        talk.Result(id, Prose(random, 4000));
                    }

                    break;
            }
        }

        return talk;
    }

    private static string Prose(Random random, int most)
    {
        var alphabet = (ReadOnlySpan<string>)["word ", "é", "漢字", "😀", "\n", "\"", "<|x|>", "a"];
        var text = new StringBuilder();
        for (var length = random.Next(most); text.Length < length;)
        {
            text.Append(alphabet[random.Next(alphabet.Length)]);
        }

        return text.ToString();
    }

    private static string RoleOf(JsonNode message) => message["role"]!.GetValue<string>();
}
