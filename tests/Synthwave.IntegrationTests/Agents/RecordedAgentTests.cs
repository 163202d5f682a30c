using System.Collections.Immutable;
using System.Net;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Agents;

/// <summary>What real agents sent is sent again, to every strategy over models of both APIs.</summary>
public sealed class RecordedAgentTests
{
    private static readonly string[] Synthesizers = ["writer", "scribe"];

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var name in RecordedAgent.Names)
        {
            foreach (var model in (ReadOnlySpan<string>)["alone", "cascade", "moa", "claude", "claudes"])
            {
                cases.Add(name, model);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_request_is_answered_every_output_arrives_once_and_what_was_sent_before_stays(string name, string model)
    {
        var agent = RecordedAgent.Read(name);
        await using var models = await SimulatedServer.StartAsync([.. new[] { "alone", "other", "writer", "claude", "scribe" }.Select(agent.Model)]);
        await using var gateway = await TestGateway.StartAsync(Configuration(models.BaseUrl));
        var ids = new Dictionary<string, string>();
        var sent = new List<(string Model, bool IsMain, SentConversation Conversation)>();

        foreach (var turn in agent.Requests)
        {
            var before = Calls(models).Length;
            using var response = await gateway.Client.SendAsync(turn.For(model, ids));
            var answer = await response.Content.ReadAsStringAsync();

            response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", answer);
            answer.Should().NotContain("\"error\":{");
            foreach (var (recorded, now) in turn.Given.Zip(RecordedTurn.IdsOf(answer)))
            {
                ids[recorded] = now;
            }

            // Titles and the like are asked for without tools.
            var calls = Calls(models).Skip(before).Select(static call => (call.Model, Conversation: SentConversation.Of(call))).ToList();
            sent.AddRange(calls.Select(call => (call.Model, calls.Exists(static c => c.Conversation.HasTools), call.Conversation)));
        }

        agent.CallIds.Should().NotBeEmpty();
        foreach (var upstream in sent.GroupBy(static call => call.Model))
        {
            upstream.SelectMany(static call => call.Conversation.Outputs).Should().Contain(agent.CallIds, "{0} is to see what its calls brought", upstream.Key);
            foreach (var (_, _, conversation) in upstream)
            {
                conversation.Calls.Should().OnlyHaveUniqueItems();
                conversation.Outputs.Should().BeEquivalentTo(conversation.Calls, "each call has one output");
            }

            ShouldGrow(upstream.Key, [.. upstream.Where(static call => call.IsMain).Select(static call => call.Conversation)]);
        }
    }

    // A cache of prompts works as far as the beginning of one request is that of the one before. A synthesizer's last piece holds the drafts of its turn, and it
    // is given the tools only where it is to choose among calls.
    private static void ShouldGrow(string model, ImmutableArray<SentConversation> turns)
    {
        turns.Should().NotBeEmpty();
        for (var i = 1; i < turns.Length; i++)
        {
            var (earlier, later) = (turns[i - 1], turns[i]);
            var isSynthesis = Synthesizers.Contains(model);
            var kept = earlier.Pieces.Length - (isSynthesis ? 1 : 0);
            later.Pieces.Take(kept).Should().Equal(earlier.Pieces.Take(kept), "turn {0} of {1} begins with turn {2}", i + 1, model, i);
            (isSynthesis || later.Head.SequenceEqual(earlier.Head)).Should().BeTrue("the tools and the system of {0} stay as they are", model);
        }
    }

    private static ImmutableArray<RecordedRequest> Calls(SimulatedServer models) => [.. models.Requests.Where(static r => r.Method is "POST")];

    private static string Configuration(string baseUrl)
    {
        string Upstream(string name, string more = "") => $"""
            [upstreams.{name}]
            model_id = "{name}"
            base_url = "{baseUrl}"
            context = 200000
            max_output = 32000
            modalities = ["text", "image"]
            {more}

            """;
        const string Anthropic = "protocol = \"anthropic\"\napi_key = \"k\"\nanthropic = { prompt_cache = \"auto\" }";
        return Upstream("alone") + Upstream("other") + Upstream("writer") + Upstream("claude", Anthropic) + Upstream("scribe", Anthropic) + """
            [profiles.cascade]
            type = "cascade"
            upstreams = ["alone", "other"]

            [profiles.moa]
            type = "moa"
            generators = ["alone", "other"]
            synthesizer = "writer"

            [profiles.claudes]
            type = "moa"
            generators = ["claude", "other"]
            synthesizer = "scribe"
            """;
    }
}
