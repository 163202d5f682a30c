using System.Globalization;
using System.Net;
using System.Text.Json;
using Synthwave.IntegrationTests.BadDays;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>A member that asked to be left alone is, while others can answer, in every strategy; who looks learns of it.</summary>
public sealed class LeftAloneTests
{
    private const string Trace = "\"x_meta_model\":{\"trace\":true}";

    private static readonly SimulatedFault Limited = new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 60 };
    private static readonly SimulatedFault Broken = new(SimulatedFaultKind.Status) { Status = 500 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cascade_passes_it_over_and_says_so(bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync(Says("a", Limited), Says("b"), Says("c"), Says("s"));
        await scenario.AskAsync("cascade");

        var (response, trace) = await AskAsync(scenario, "cascade", stream);

        scenario.Models.CallsTo("a").Should().Be(1);
        CallsOf(trace).Should().Equal("a:failed:rate_limited:0", "b:success::1");
        if (!stream)
        {
            Header(response, "X-MetaModel-Cascade-Attempts").Should().Be("a:rate_limited");
            Header(response, "X-MetaModel-Cascade-Tried").Should().Be("b");
        }

        (await scenario.Client.GetStringAsync("/health")).Should().Contain("\"resting_upstreams\":[{\"name\":\"a\",\"seconds\":60}]");
        using var metrics = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "Accept", "text/plain" } } };
        using var scraped = await scenario.Client.SendAsync(metrics);
        (await scraped.Content.ReadAsStringAsync()).Should().Contain("synthwave_upstream_resting{upstream=\"a\"} 1\n").And.Contain("synthwave_upstream_resting{upstream=\"b\"} 0\n");
        await BadDay.Until(
            () => scenario.Gateway.Log.Events.Count(e => e.RenderMessage(CultureInfo.InvariantCulture).Contains("asked to be left alone for 60 s", StringComparison.Ordinal)) == 1,
            "the rest is logged once");
    }

    [Fact]
    public async Task A_cascade_asks_it_once_nobody_else_can_answer()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Says("a", Limited with { First = 1 }), Says("b"), Says("c", Broken), Says("s")], upstream: "retries = 0");
        await scenario.AskAsync("cascade");
        scenario.Models.Script(Says("b", Broken));

        var (response, body) = await scenario.AskAsync("cascade", Trace);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        CallsOf(body.GetProperty("x_meta_model")).Should().Equal("a:failed:rate_limited:0", "b:failed:non_2xx:1", "c:failed:non_2xx:1", "a:success::1");
        Header(response, "X-MetaModel-Cascade-Attempts").Should().Be("b:non_2xx,c:non_2xx");
        Header(response, "X-MetaModel-Cascade-Winner").Should().Be("a");
    }

    [Fact]
    public async Task Who_is_followed_by_resting_members_alone_is_retried()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Says("a", Limited), Says("b", Broken with { First = 1 }), Says("c", Limited), Says("s")], upstream: "max_retry_wait_secs = 0", more: "[profiles.ac]\ntype = \"cascade\"\nupstreams = [\"a\", \"c\"]");
        await scenario.AskAsync("ac");

        var (response, body) = await scenario.AskAsync("cascade", Trace);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        CallsOf(body.GetProperty("x_meta_model")).Should().Equal("a:failed:rate_limited:0", "b:success::2");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("alone")]
    [InlineData("cascade")]
    public async Task Where_all_rest_somebody_is_asked(string profile)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Says("a", Limited with { First = 1 }), Says("b", Limited), Says("c", Limited), Says("s")], more: "[profiles.alone]\ntype = \"cascade\"\nupstreams = [\"a\"]");
        await scenario.AskAsync("cascade");

        var (response, _) = await scenario.AskAsync(profile);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_ensemble_drafts_without_it()
    {
        await using var scenario = await GatewayScenario.StartAsync(Says("a", Limited), Says("b"), Says("c"), Says("s"));
        await scenario.AskAsync("moa");

        var (response, body) = await scenario.AskAsync("moa", Trace);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.CallsTo("a").Should().Be(1);
        CallsOf(body.GetProperty("x_meta_model")).Should().Contain("a:failed:rate_limited:0");
        Header(response, "X-MetaModel-Failed-Generators").Should().Be("a:rate_limited");
    }

    [Fact]
    public async Task An_ensemble_asks_it_once_nobody_else_gives_a_draft()
    {
        await using var scenario = await GatewayScenario.StartAsync([Says("a", Limited with { First = 1 }), Says("b"), Says("c"), Says("s")], upstream: "retries = 0");
        await scenario.AskAsync("moa");
        scenario.Models.Script(Says("b", Broken));
        scenario.Models.Script(Says("c", Broken));

        var (response, body) = await scenario.AskAsync("moa", Trace);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        CallsOf(body.GetProperty("x_meta_model")).Should().Contain("a:failed:rate_limited:0").And.Contain("a:success::1");
    }

    [Fact]
    public async Task A_jury_votes_without_it_and_asks_it_where_its_vote_is_needed()
    {
        SimulatedModel[] models = [Says("a", Limited with { First = 1 }, "no"), Says("b", text: "no"), Says("c", text: "no"), Says("s")];
        const string Jury = "[features]\nvoting = true\n[profiles.jury]\ntype = \"voting\"\nupstreams = [\"a\", \"b\", \"c\"]\n[profiles.full]\ntype = \"voting\"\nupstreams = [\"a\", \"b\", \"c\"]\nmin_votes = 3\n";
        await using var scenario = await GatewayScenario.StartAsync(models, more: Jury, upstream: "retries = 0");
        await scenario.AskAsync("jury");

        var (_, without) = await scenario.AskAsync("jury", Trace);
        var before = scenario.Models.CallsTo("a");
        var (needed, _) = await scenario.AskAsync("full", Trace);

        CallsOf(without.GetProperty("x_meta_model")).Should().Contain("a:failed:rate_limited:0");
        before.Should().Be(1);
        needed.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.CallsTo("a").Should().Be(2);
    }

    [Theory]
    [InlineData("", "s:success::1")]
    [InlineData("synthesizer_fallback = \"c\"", "s:failed:rate_limited:0 c:success::1")]
    [InlineData("synthesizer_fallback = \"f\"", "s:failed:rate_limited:0 f:failed:non_2xx:1 s:success::1")]
    public async Task A_synthesizer_is_left_alone_while_its_fallback_can_write(string fallback, string synthesizers)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Says("a"), Says("b"), Says("c"), Says("s", Limited with { First = 1 }), Says("f", Broken)],
            moa: fallback,
            more: "[upstreams.f]\nmodel_id = \"f\"\nbase_url = \"$BASE_URL\"\ncontext = 32768\nmax_output = 4096\nretries = 0\n",
            upstream: "retries = 0");
        await scenario.AskAsync("s");

        var (response, body) = await scenario.AskAsync("moa", Trace);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        string.Join(' ', CallsOf(body.GetProperty("x_meta_model"), "synthesizer")).Should().Be(synthesizers);
    }

    private static SimulatedModel Says(string id, SimulatedFault? fault = null, string? text = null) => SimulatedModel.Saying(id, text ?? $"{id} says so") with { Fault = fault };

    private static async Task<(HttpResponseMessage Response, JsonElement Trace)> AskAsync(GatewayScenario scenario, string profile, bool stream)
    {
        if (!stream)
        {
            var (response, body) = await scenario.AskAsync(profile, Trace);
            return (response, body.GetProperty("x_meta_model"));
        }

        var (streamed, events) = await scenario.StreamAsync(profile, Trace);
        return (streamed, events.Chunks.Last(c => c.TryGetProperty("x_meta_model", out _)).GetProperty("x_meta_model"));
    }

    private static IEnumerable<string> CallsOf(JsonElement trace, string? role = null) => trace.GetProperty("calls").EnumerateArray()
        .Where(c => role is null || c.GetProperty("role").GetString() == role)
        .Select(c => $"{c.GetProperty("upstream")}:{c.GetProperty("outcome")}:{(c.TryGetProperty("reason", out var reason) ? reason.ToString() : "")}:{c.GetProperty("attempts")}");

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
