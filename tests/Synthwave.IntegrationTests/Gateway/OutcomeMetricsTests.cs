using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Synthwave.IntegrationTests.BadDays;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class OutcomeMetricsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(50);
    private static readonly SimulatedFault Broken = new(SimulatedFaultKind.Status) { Status = 500 };

    public static TheoryData<string, string, bool> Answered => Every(["a:passthrough", "cascade:cascade", "moa:moa", "jury:voting"]);

    [Theory]
    [MemberData(nameof(Answered))]
    public async Task A_success_is_counted(string model, string strategy, bool stream)
    {
        await using var scenario = await StartAsync();

        await AskAsync(scenario, model, stream);

        await ShouldCountAsync(scenario, Request(model, strategy, "success"), $"synthwave_upstream_calls_total{{upstream=\"a\",role=\"{RoleIn(strategy)}\",outcome=\"success\"}} 1");
    }

    [Theory]
    [MemberData(nameof(Answered))]
    public async Task A_failure_is_counted(string model, string strategy, bool stream)
    {
        await using var scenario = await StartAsync(m => m with { Fault = Broken });

        await AskAsync(scenario, model, stream);

        await ShouldCountAsync(scenario, Request(model, strategy, "failed"), $"synthwave_upstream_calls_total{{upstream=\"a\",role=\"{RoleIn(strategy)}\",outcome=\"failed\"}} 1");
    }

    [Theory]
    [MemberData(nameof(Answered))]
    public async Task A_client_that_left_is_counted(string model, string strategy, bool stream)
    {
        await using var scenario = await StartAsync(m => m with { FirstTokenDelay = Long });
        using var leaving = new CancellationTokenSource();
        var asking = AskAsync(scenario, model, stream, "", leaving.Token);
        await BadDay.Until(() => scenario.Models.ChatCalls.Any(), "a model is asked");

        await leaving.CancelAsync();

        await ((Func<Task>)(() => asking)).Should().ThrowAsync<OperationCanceledException>();
        await ShouldCountAsync(scenario, Request(model, strategy, "cancelled"), $"synthwave_upstream_calls_total{{upstream=\"a\",role=\"{RoleIn(strategy)}\",outcome=\"cancelled\"}} 1");
    }

    [Theory]
    [InlineData("cascade", "cascade", "\"x_meta_model\":{\"max_calls\":1}", false)]
    [InlineData("cascade", "cascade", "\"x_meta_model\":{\"max_calls\":1}", true)]
    [InlineData("moa", "moa", "\"x_meta_model\":{\"max_calls\":2}", false)]
    [InlineData("moa", "moa", "\"x_meta_model\":{\"max_calls\":1}", true)]
    [InlineData("jury", "voting", "\"x_meta_model\":{\"max_calls\":1}", false)]
    [InlineData("jury", "voting", "\"x_meta_model\":{\"max_calls\":2}", true)]
    public async Task A_degraded_answer_is_counted(string model, string strategy, string members, bool stream)
    {
        await using var scenario = await StartAsync();

        await AskAsync(scenario, model, stream, members);

        await ShouldCountAsync(scenario, Request(model, strategy, "degraded"));
    }

    [Theory]
    [InlineData("moa", "moa")]
    [InlineData("jury", "voting")]
    public async Task A_lost_member_makes_an_answer_degraded(string model, string strategy)
    {
        await using var scenario = await StartAsync(m => m.Id == "b" ? m with { Fault = Broken } : m);

        await AskAsync(scenario, model, stream: false);

        await ShouldCountAsync(scenario, Request(model, strategy, "degraded"));
    }

    [Fact]
    public async Task Usage_is_complete_and_priced_over_refused_and_repeated_calls()
    {
        await using var scenario = await StartAsync(
            m => m with { Usage = new SimulatedUsage(1000, 100), Fault = m.Id == "a" ? Broken with { Status = 503, First = 1 } : null },
            "price = { input = 1, output = 10 }");

        var (response, body) = await scenario.AskAsync("a", "\"x_meta_model\":{\"trace\":true}");

        var trace = body.GetProperty("x_meta_model");
        trace.GetProperty("calls")[0].GetProperty("attempts").GetInt32().Should().Be(2);
        trace.GetProperty("usage_complete").GetBoolean().Should().BeTrue("a refused call generates nothing");
        trace.GetProperty("cost_usd").GetDecimal().Should().Be(0.002m);
        response.Headers.GetValues("X-MetaModel-Cost-Usd").Should().Equal(0.002m.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_cost_of_a_call_that_was_cut_is_unknown_and_so_is_the_sum()
    {
        await using var scenario = await StartAsync(m => m.Id == "c" ? m with { FirstTokenDelay = Long } : m, "price = { input = 1, output = 10 }");

        var (response, body) = await scenario.AskAsync("first", "\"x_meta_model\":{\"trace\":true}");

        var trace = body.GetProperty("x_meta_model");
        trace.GetProperty("usage_complete").GetBoolean().Should().BeFalse();
        trace.TryGetProperty("cost_usd", out _).Should().BeFalse();
        trace.GetProperty("calls").EnumerateArray().Where(c => c.TryGetProperty("cost_usd", out _)).Should().HaveCount(1);
        response.Headers.Contains("X-MetaModel-Cost-Usd").Should().BeFalse();
    }

    [Fact]
    public async Task A_streamed_answer_says_what_it_cost_in_its_trace()
    {
        await using var scenario = await StartAsync(m => m with { Usage = new SimulatedUsage(1000, 100) }, "price = { input = 1, output = 10 }");

        var (_, stream) = await scenario.StreamAsync("moa", "\"x_meta_model\":{\"trace\":true}");

        stream.Chunks.Last().GetProperty("x_meta_model").GetProperty("cost_usd").GetDecimal().Should().Be(0.008m);
    }

    private static TheoryData<string, string, bool> Every(string[] strategies)
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var pair in strategies.Select(s => s.Split(':')))
        {
            data.Add(pair[0], pair[1], false);
            data.Add(pair[0], pair[1], true);
        }

        return data;
    }

    private static string Request(string model, string strategy, string outcome) =>
        $"synthwave_requests_total{{profile=\"{model}\",strategy=\"{strategy}\",outcome=\"{outcome}\"}} 1";

    private static string RoleIn(string strategy) => strategy switch
    {
        "cascade" => "member",
        "moa" => "generator",
        "voting" => "voter",
        _ => strategy,
    };

    private static Task<GatewayScenario> StartAsync(Func<SimulatedModel, SimulatedModel>? change = null, string upstream = "retries = 1") => GatewayScenario.StartAsync(
        new[] { "a", "b", "c", "s" }.Select(id => (change ?? (static m => m))(SimulatedModel.Saying(id, $"no, says {id}"))),
        upstream: upstream,
        more: """
            [profiles.jury]
            type = "voting"
            upstreams = ["a", "b", "c"]
            [profiles.first]
            type = "voting"
            upstreams = ["a", "c"]
            aggregation = "all_yes"
            [features]
            voting = true
            """);

    private static async Task AskAsync(GatewayScenario scenario, string model, bool stream, string members = "", CancellationToken cancellationToken = default)
    {
        var streaming = stream ? "\"stream\":true," : "";
        var body = $$"""{{{streaming}}"model":{{JsonSerializer.Serialize(model)}},"messages":[{"role":"user","content":"Yes?"}]{{(members.Length > 0 ? "," + members : "")}}}""";
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await scenario.Client.PostAsync("/v1/chat/completions", content, cancellationToken);
        await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    // A request is counted after its last byte left, and a client may be quicker than that: it is over when its line is in the log.
    private static async Task ShouldCountAsync(GatewayScenario scenario, params string[] lines)
    {
        await scenario.Gateway.Log.UntilOverAsync(static r => r.Method == "POST");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        using var response = await scenario.Client.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).Split('\n').Should().Contain(lines);
    }
}
