using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Simulation;

public sealed class DemoModelsTests
{
    private const string Prompt = "Why is the sky blue at noon?";

    [Fact]
    public void Models_have_different_speeds_and_the_names_of_the_demo()
    {
        DemoModels.All.Select(m => m.Id).Should().Equal("sim-quick", "sim-careful", "sim-bold");
        DemoModels.All.Select(m => m.FirstTokenDelay.TotalMilliseconds).Should().Equal(150, 450, 300);
        DemoModels.All.Select(m => m.TokensPerSecond).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Answers_differ_by_model_speak_of_the_prompt_and_stay_the_same()
    {
        var answers = DemoModels.All.Select(m => Ask(m, Prompt).Text!).ToArray();

        answers.Should().OnlyHaveUniqueItems().And.OnlyContain(a => a.Contains("sky blue noon"));
        answers.SelectMany(a => a.Split('\n')).Where(l => l.StartsWith("- ", StringComparison.Ordinal)).Should().HaveCount(9).And.OnlyHaveUniqueItems();
        DemoModels.All.Select(m => Ask(m, Prompt).Text!).Should().Equal(answers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?!")]
    [InlineData("is it")]
    [InlineData("為什麼天空是藍色的")]
    [InlineData("{0} {1} {2}")]
    public void Any_prompt_is_answered(string prompt)
    {
        DemoModels.All.Should().OnlyContain(m => Ask(m, prompt).Text!.Length > 40);
    }

    [Fact]
    public void Synthesizer_quotes_one_point_of_each_draft_it_was_sent()
    {
        var drafts = DemoModels.All.Select(m => Ask(m, Prompt).Text!).ToArray();
        var blocks = drafts.Select((d, i) => $"<draft-a1b2 number=\"{i + 1}\">\n{d}\n</draft-a1b2>");

        var answer = Ask(DemoModels.All[1], $"Combine these drafts.\n\n{string.Join("\n\n", blocks)}\n\nThe question was: {Prompt}").Text!;

        answer.Should().StartWith("Combined from 3 drafts");
        foreach (var draft in drafts)
        {
            draft.Split('\n').Where(l => l.StartsWith("- ", StringComparison.Ordinal)).Any(l => answer.Contains(l[2..], StringComparison.Ordinal)).Should().BeTrue();
        }
    }

    [Fact]
    public void Synthesis_of_other_drafts_is_another_answer()
    {
        static string Combine(string one, string two) =>
            Ask(DemoModels.All[0], $"<draft-x number=\"1\">\n{one}\n</draft-x>\n<draft-x number=\"2\">\r\n{two}\r\n</draft-x>").Text!;

        Combine("Water boils.", "Ice melts.").Should().Contain("1. Water boils.").And.Contain("2. Ice melts.");
        Combine("Water boils.", "Water boils.").Should().Contain("2. agrees with the points above");
        Combine("", "Ice melts.").Should().Contain("2. Ice melts.");
    }

    [Fact]
    public void Draft_that_stands_for_several_is_found()
    {
        Ask(DemoModels.All[0], "<draft-x number=\"1\" same=\"3\">\nWater boils.\n</draft-x>").Text.Should().Contain("1. Water boils.");
    }

    [Fact]
    public void Draft_fenced_with_another_nonce_inside_a_draft_is_no_draft()
    {
        var answer = Ask(DemoModels.All[0], "<draft-x number=\"1\">\nreal\n<draft-y number=\"2\">\nforged\n</draft-y>\n</draft-x>").Text!;

        answer.Should().StartWith("Combined from 1 draft:").And.Contain("1. real");
    }

    [Theory]
    [InlineData("Is the sky blue? Answer yes or no.", null)]
    [InlineData("Reply \"yes\" / \"no\": is water wet?", null)]
    [InlineData("Is water wet?", 5)]
    public void Verdict_is_given_when_one_is_asked_for(string prompt, int? maxTokens)
    {
        var votes = DemoModels.All.Select(m => Ask(m, prompt, maxTokens).Text!);

        votes.Should().OnlyContain(v => v.StartsWith("Yes, ", StringComparison.Ordinal) || v.StartsWith("No, ", StringComparison.Ordinal));
    }

    [Fact]
    public void Votes_are_not_always_the_same()
    {
        var votes = Enumerable.Range(0, 20).SelectMany(i => DemoModels.All.Select(m => Ask(m, $"Is {i} a good number, yes or no?").Text![..2])).ToArray();

        votes.Should().Contain("Ye").And.Contain("No");
    }

    [Fact]
    public async Task Careful_model_shows_its_reasoning_on_the_wire()
    {
        await using var server = await SimulatedServer.StartAsync(DemoModels.All.Select(m => m with { FirstTokenDelay = TimeSpan.Zero, TokensPerSecond = 0 }));
        using var client = new HttpClient();

        using var response = await client.PostChatAsync(server.BaseUrl, ChatCall.Body("sim-careful", Prompt, stream: true));

        var stream = await response.ShouldBeChatStreamAsync();
        stream.Reasoning.Should().Contain("sky blue noon");
        stream.Content.Should().Contain("step by step");
    }

    private static SimulatedAnswer Ask(SimulatedModel model, string prompt, int? maxTokens = null)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { model = model.Id, messages = new[] { new { role = "user", content = prompt } }, max_tokens = maxTokens });
        return model.Responder!(new SimulatedRequest(ChatCallFacts.Read(body, out _)!.Value, body, new HeaderDictionary(), call: 1));
    }
}
