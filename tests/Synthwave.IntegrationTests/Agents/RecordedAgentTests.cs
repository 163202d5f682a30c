using System.Net;
using System.Text.Json;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Agents;

/// <summary>What real agents sent is sent again, to every strategy.</summary>
public sealed class RecordedAgentTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var name in RecordedAgent.Names)
        {
            foreach (var model in (ReadOnlySpan<string>)["alone", "cascade", "moa"])
            {
                cases.Add(name, model);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_request_is_answered_and_every_output_arrives(string name, string model)
    {
        var agent = RecordedAgent.Read(name);
        await using var models = await SimulatedServer.StartAsync([agent.Model("alone"), agent.Model("other"), agent.Model("writer")]);
        await using var gateway = await TestGateway.StartAsync(Configuration(models.BaseUrl));
        var ids = new Dictionary<string, string>();

        foreach (var turn in agent.Requests)
        {
            using var response = await gateway.Client.SendAsync(turn.For(model, ids));
            var answer = await response.Content.ReadAsStringAsync();

            response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", answer);
            answer.Should().NotContain("\"error\":{");
            foreach (var (recorded, now) in turn.Given.Zip(RecordedTurn.IdsOf(answer)))
            {
                ids[recorded] = now;
            }
        }

        agent.CallIds.Should().NotBeEmpty();
        foreach (var upstream in models.ChatCalls.GroupBy(call => call.Model))
        {
            var outputs = upstream.SelectMany(call => Outputs(call.Json)).ToHashSet();
            outputs.Should().Contain(agent.CallIds, "{0} is to see what its calls brought", upstream.Key);
        }
    }

    private static IEnumerable<string> Outputs(JsonElement body) =>
        from message in body.GetProperty("messages").EnumerateArray()
        where message.GetProperty("role").GetString() is "tool"
        select message.GetProperty("tool_call_id").GetString();

    private static string Configuration(string baseUrl)
    {
        string Upstream(string name) => $"""
            [upstreams.{name}]
            model_id = "{name}"
            base_url = "{baseUrl}"
            context = 200000
            max_output = 32000
            modalities = ["text", "image"]

            """;
        return Upstream("alone") + Upstream("other") + Upstream("writer") + """
            [profiles.cascade]
            type = "cascade"
            upstreams = ["alone", "other"]

            [profiles.moa]
            type = "moa"
            generators = ["alone", "other"]
            synthesizer = "writer"
            """;
    }
}
