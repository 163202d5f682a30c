using System.Net;
using System.Text;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;
using static Synthwave.IntegrationTests.Gateway.MediaCases;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class MediaRouteTests
{
    private const string TwoStage = "[vision]\nendpoints = [\"eye-1\"]\ntwo_stage = true";

    private const string ToolStep =
        ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"seen\"}";

    private static string Talk(string model, string messages, string more = "") => $$"""{"model":"{{model}}","messages":[{{messages}}]{{more}}}""";

    private static string User(string parts) => $$"""{"role":"user","content":[{"type":"text","text":"What?"},{{parts}}]}""";

    private static SimulatedModel With(string id, SimulatedFault fault) => Seeing(id) with { Fault = fault };

    [Theory]
    [InlineData(1, "eye-1 sees image")]
    [InlineData(2, "s sees ")]
    [InlineData(3, "s sees ")]
    [InlineData(4, "s sees ")]
    [InlineData(5, "s sees ")]
    public async Task Describing_keeps_the_requests_calls(int calls, string answer)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables(TwoStage));

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", Image, $",\"x_meta_model\":{{\"max_calls\":{calls}}}"));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Should().HaveCountLessThanOrEqualTo(calls);
        body.At("choices[0].message.content").GetString().Should().Match(calls == 3 ? "? sees *" : $"{answer}*");
    }

    [Theory]
    [InlineData(0.0003)]
    [InlineData(0.02)]
    [InlineData(0.1)]
    [InlineData(10)]
    public async Task Describing_keeps_the_requests_cost(double usd)
    {
        const string Price = "price = { input = 1, output = 10 }";
        await using var scenario = await GatewayScenario.StartAsync(
            Models, upstream: Price, more: Tables(TwoStage).Replace("[upstreams.eye-1]", $"[upstreams.eye-1]\n{Price}", StringComparison.Ordinal));

        var (response, body) = await scenario.PostAsync(
            Door, Ask("moa", Image, string.Create(System.Globalization.CultureInfo.InvariantCulture, $",\"max_tokens\":300,\"x_meta_model\":{{\"max_cost_usd\":{usd}}}")));

        response.StatusCode.Should().Be(usd < 0.004 ? HttpStatusCode.BadRequest : HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Should().HaveCountLessThanOrEqualTo(usd < 0.004 ? 0 : 5);
    }

    [Fact]
    public async Task An_endpoint_without_a_price_is_no_answer_to_a_cost_cap()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-1\"]"));

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", Image, ",\"x_meta_model\":{\"max_cost_usd\":1}"));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest, "{0}", body);
        body.At("error.code").GetString().Should().Be("cap_unsatisfiable");
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task A_tool_step_stays_with_who_sees_the_turns_image()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-2\"]"));

        var (step, stepBody) = await scenario.PostAsync(Door, Talk("moa", User(Image) + ToolStep));
        var (next, _) = await scenario.PostAsync(Door, Talk("moa", $"{User(Image)}{ToolStep},{{\"role\":\"user\",\"content\":\"Thanks.\"}}"));

        step.Header("X-MetaModel-Multimodal-Upstream").Should().Be("eye-2", "{0}", stepBody);
        next.Header("X-MetaModel-Generators").Should().Be("3");
    }

    [Fact]
    public async Task A_single_call_is_made_by_somebody_who_sees()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables());

        var (response, body) = await scenario.PostAsync(Door, Ask("seeing", Image, ",\"x_meta_model\":{\"max_calls\":1}"));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.At("choices[0].message.content").GetString().Should().StartWith("eye-1 sees image");
    }

    [Fact]
    public async Task A_vote_with_too_few_who_see_is_none()
    {
        const string Votes = "[features]\nvoting = true\n[profiles.vote]\ntype = \"voting\"\nupstreams = [\"a\", \"eye-1\", \"eye-2\"]\nmin_votes = $N\n[vision]\nendpoints = [\"ear\"]";
        await using var three = await GatewayScenario.StartAsync(Models, more: Tables() + "\n" + Votes.Replace("$N", "3", StringComparison.Ordinal));
        await using var two = await GatewayScenario.StartAsync(Models, more: Tables() + "\n" + Votes.Replace("$N", "2", StringComparison.Ordinal));

        var (elsewhere, _) = await three.PostAsync(Door, Ask("vote", Image));
        var (voted, _) = await two.PostAsync(Door, Ask("vote", Image));

        elsewhere.Header("X-MetaModel-Multimodal-Upstream").Should().Be("ear");
        voted.Header("X-MetaModel-Voters").Should().Be("2");
        two.Models.CallsTo("a").Should().Be(0);
    }

    [Fact]
    public async Task Later_turns_read_what_was_described_and_only_who_cannot_see()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables(TwoStage));
        await scenario.PostAsync(Door, Ask("moa", Image));
        var later = $"{User(Image)},{{\"role\":\"assistant\",\"content\":\"A dot.\"}},{{\"role\":\"user\",\"content\":\"Which colour?\"}}";

        await scenario.PostAsync(Door, Talk("b", later));
        await scenario.PostAsync(Door, Talk("eye-2", later));

        scenario.Models.CallsTo("eye-1").Should().Be(1);
        scenario.Models.ChatCalls.Last(c => c.Model == "b").Json.At("messages[0].content[1].text").GetString()
            .Should().StartWith("[Image, described by another model.").And.Contain("eye-1 sees image").And.EndWith("[End of image]");
        scenario.Models.ChatCalls.Single(c => c.Model == "eye-2").BodyText.Should().Contain("image_url").And.NotContain("described by");
    }

    [Fact]
    public async Task Images_of_earlier_turns_weigh_nothing_for_who_is_not_sent_them()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables());
        var old = $"{User(string.Join(',', Enumerable.Repeat(Image, 60)))},{{\"role\":\"assistant\",\"content\":\"Dots.\"}},{{\"role\":\"user\",\"content\":\"And 1+1?\"}}";

        var (_, body) = await scenario.PostAsync(Door, Talk("seeing", old, ",\"x_meta_model\":{\"trace\":true}"));

        body.At("choices[0].message.content").GetString().Should().StartWith("s sees  reads", "60 images are more than the eyes' windows hold, and the others are not sent them");
        scenario.Models.ChatCalls.Single(c => c.Model == "a").BodyText.Split("[image omitted").Should().HaveCount(61);
        scenario.Models.ChatCalls.Single(c => c.Model == "eye-1").BodyText.Should().NotContain("image_url", "its window holds 32 images at most");
    }

    [Theory]
    [InlineData("b", 1)]
    [InlineData("eye-2", 2)]
    public async Task A_hedge_goes_to_nobody_who_sees_less(string with, int calls)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. Models[..4], Seeing("eye-1") with { FirstTokenDelay = TimeSpan.FromSeconds(0.5) }, .. Models[5..]],
            more: Tables("[vision]\nendpoints = [\"eye-1\"]").Replace("[upstreams.eye-1]", $"[upstreams.eye-1]\nhedge = {{ after = 0.05, budget = 1, with = \"{with}\" }}", StringComparison.Ordinal));

        var (response, body) = await scenario.PostAsync(Door, Ask("eye-1", Image));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Should().HaveCount(calls);
    }

    [Fact]
    public async Task An_empty_answer_was_an_answer()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. Models[..4], With("eye-1", new(SimulatedFaultKind.Empty)), Models[5], Models[6]], more: Tables("[vision]\nendpoints = [\"eye-1\", \"eye-2\"]"));
        await using var none = await GatewayScenario.StartAsync(
            [.. Models[..4], With("eye-1", new(SimulatedFaultKind.Empty)), Models[5], Models[6]], more: Tables("[vision]\nendpoints = [\"eye-1\"]"));

        var (second, _) = await scenario.PostAsync(Door, Ask("moa", Image));
        var (blank, body) = await none.PostAsync(Door, Ask("moa", Image));

        second.Header("X-MetaModel-Multimodal-Attempts").Should().Be("eye-1:200,eye-2:200");
        second.Header("X-MetaModel-Multimodal-Upstream").Should().Be("eye-2");
        blank.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        body.At("error.code").GetString().Should().Be("upstream_protocol_error");
    }

    [Fact]
    public async Task A_rate_limit_tells_more_than_what_failed_after_it()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. Models[..4], With("eye-1", new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 7 }), With("eye-2", new(SimulatedFaultKind.Refuse)), Models[6]],
            more: Tables("[vision]\nendpoints = [\"eye-1\", \"eye-2\"]"));

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", Image));

        response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests, "{0}", body);
        response.Header("Retry-After").Should().Be("7");
        response.Header("X-MetaModel-Multimodal-Attempts").Should().Be("eye-1:429,eye-2:transport_error");
    }

    [Theory]
    [InlineData("data:image/jpeg;base64,iVBORw0KGgoAAAANSUhEUg==")]
    [InlineData("data:application/octet-stream;base64,iVBORw0KGgoAAAANSUhEUg==")]
    [InlineData("data:image/png;base64,iVBORw0KGgoAAAANSUhEUg")]
    [InlineData("data:image/png;BASE64,iVBORw0KGgoAAAANSUhEUg==")]
    [InlineData("DATA:image/png;base64,iVBORw0KGgoAAAANSUhEUg==")]
    [InlineData("data:image/svg+xml,%3Csvg%3E%3C/svg%3E")]
    [InlineData("data:image/webp;base64,UklGRggAAAA=")]
    public async Task Sources_that_can_be_read_are_read_whatever_their_label(string url)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-1\"]"));

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", $$$"""{"type":"image_url","image_url":{"url":"{{{url}}}"}}"""));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Single().BodyText.Should().Contain(url);
    }

    [Fact]
    public async Task A_refusal_of_an_earlier_turn_is_text()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);
        const string Refused = "{\"role\":\"user\",\"content\":\"Do it.\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"No.\"}]},{\"role\":\"user\",\"content\":\"Why?\"}";

        var (response, body) = await scenario.PostAsync(Door, Talk("moa", Refused));
        var (bad, badBody) = await scenario.PostAsync(Door, Talk("moa", Refused.Replace("\"No.\"", "7", StringComparison.Ordinal)));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.First(c => c.Model == "a").BodyText.Should().Contain("\"refusal\":\"No.\"");
        bad.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        badBody.At("error.message").GetString().Should().Contain("refusal_malformed");
    }

    [Fact]
    public async Task A_description_that_runs_on_is_cut()
    {
        var endless = Seeing("eye-1") with { Responder = _ => new SimulatedAnswer { Text = string.Concat(Enumerable.Repeat("word ", 20_000)), Usage = new(10, 5) } };
        await using var scenario = await GatewayScenario.StartAsync([.. Models[..4], endless, .. Models[5..]], more: Tables($"{TwoStage}\ndescribe_max_tokens = 20000"));

        var (response, _) = await scenario.PostAsync(Door, Ask("moa", Image));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        Encoding.UTF8.GetByteCount(scenario.Models.ChatCalls.First(c => c.Model == "a").BodyText).Should().BeInRange(32_000, 34_000);
    }
}
