using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Configuration;
using Synthwave.Hosting;
using Synthwave.Simulation;
using Synthwave.TestKit;
using Synthwave.Upstreams.Learned;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>Windows of different size behind one profile: who is sent what.</summary>
public sealed class ContextTests
{
    private const string Windows = """
        [upstreams.small]
        model_id = "small"
        base_url = "$BASE_URL"
        context = 6144
        max_output = 1024
        [upstreams.large]
        model_id = "large"
        base_url = "$BASE_URL"
        context = 65536
        max_output = 1024
        [upstreams.tiny]
        model_id = "tiny"
        base_url = "$BASE_URL"
        context = 3072
        max_output = 1024
        [profiles.mixed]
        type = "moa"
        generators = ["small", "large"]
        synthesizer = "s"
        [profiles.narrow]
        type = "moa"
        generators = ["small", "tiny"]
        synthesizer = "s"
        [profiles.relay]
        type = "cascade"
        upstreams = ["small", "large"]
        [profiles.pressed]
        type = "moa"
        generators = ["a", "b"]
        synthesizer = "small"

        """;

    [Fact]
    public async Task Short_conversation_reaches_every_generator_in_the_clients_bytes()
    {
        await using var scenario = await StartAsync();
        const string Messages = """[ {"role":"user", "content":"caf\u00e9?"}, {"content":"prefill","role":"assistant"} ]""";

        var (response, _) = await AskAsync(scenario, "mixed", Messages);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        CallsTo(scenario, "small", "large").Should().HaveCount(2).And.OnlyContain(body => body.Contains($"\"messages\":{Messages}", StringComparison.Ordinal));
        Header(response, "X-MetaModel-Compacted-N").Should().Be("0");
        Header(response, "X-MetaModel-Prompt-Tokens-Out").Should().Be(Header(response, "X-MetaModel-Prompt-Tokens-In"));
    }

    [Fact]
    public async Task Long_conversation_is_cut_for_the_small_window_only()
    {
        await using var scenario = await StartAsync();
        var messages = Conversation(turns: 60);

        var (response, _) = await AskAsync(scenario, "mixed", messages);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        CallsTo(scenario, "large").Single().Should().Contain($"\"messages\":{messages}");
        var small = CallsTo(scenario, "small").Single();
        small.Should().Contain("RULES").And.Contain("left out to fit the context window").And.Contain("the question").And.Contain("answer 59 ").And.NotContain("answer 10 ");
        int.Parse(Header(response, "X-MetaModel-Compacted-N")!, null).Should().BeInRange(40, 119);
        int.Parse(Header(response, "X-MetaModel-Prompt-Tokens-Out")!, null).Should().BeInRange(3000, 6144 - 2512);
        int.Parse(Header(response, "X-MetaModel-Prompt-Tokens-In")!, null).Should().BeGreaterThan(10_000);
    }

    [Fact]
    public async Task Generator_without_room_for_the_question_is_reported_and_the_rest_goes_on()
    {
        await using var scenario = await StartAsync();

        var (response, body) = await AskAsync(scenario, "mixed", User(new string('x', 32_000) + " the question"));

        body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be("large");
        CallsTo(scenario, "small").Should().BeEmpty();
        Header(response, "X-MetaModel-Failed-Generators").Should().Be("small:context");
        Header(response, "X-MetaModel-Degraded").Should().Be("true");
        Header(response, "X-MetaModel-Generators").Should().Be("1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Question_that_fits_nobody_is_413_with_the_numbers(bool stream)
    {
        await using var scenario = await StartAsync();

        var (response, body) = await AskAsync(scenario, "narrow", User(new string('x', 32_000)), stream ? "\"stream\":true" : "");

        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        var error = body.GetProperty("error");
        error.GetProperty("code").GetString().Should().Be("context_length_exceeded");
        error.GetProperty("type").GetString().Should().Be("invalid_request_error");
        error.GetProperty("message").GetString().Should().Contain("11435 prompt tokens").And.Contain("6144");
        Header(response, "X-MetaModel-Prompt-Tokens-In").Should().Be("11435");
        Header(response, "X-MetaModel-Compacted-N").Should().BeNull();
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task Large_max_tokens_is_lowered_instead_of_refused()
    {
        await using var scenario = await StartAsync();

        var (response, _) = await AskAsync(scenario, "mixed", User("hi"), "\"max_tokens\":40000");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        CallsTo(scenario, "small", "large").Should().HaveCount(2).And.OnlyContain(body => body.Contains("\"max_tokens\":1024", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Synthesis_fits_a_small_synthesizer_and_keeps_question_and_drafts()
    {
        await using var scenario = await StartAsync();

        var (response, body) = await AskAsync(scenario, "pressed", Conversation(turns: 60), "\"x_meta_model\":{\"trace\":true}");

        Header(response, "X-MetaModel-Synth-Decision").Should().Be("merged");
        var leftOut = body.GetProperty("x_meta_model").GetProperty("synthesis");
        leftOut.GetProperty("groups_dropped").GetInt32().Should().BeInRange(60, 119);
        leftOut.GetProperty("drafts_cut").GetInt32().Should().Be(0);
        var synthesis = CallsTo(scenario, "small").Single();
        Encoding.UTF8.GetByteCount(synthesis).Should().BeLessThan((6144 - 1024 - 512) * 28 / 10 * 11 / 10);
        synthesis.Should().Contain("RULES").And.Contain("the question").And.Contain(">alpha<").And.Contain(">beta<").And.Contain("left out to fit").And.NotContain("answer 1 ");
    }

    [Fact]
    public async Task Drafts_cut_for_a_small_synthesizer_are_told_in_the_trace()
    {
        await using var scenario = await StartAsync(draft: string.Concat(Enumerable.Repeat("a long draft ", 1000)));

        var (_, body) = await AskAsync(scenario, "pressed", User("the question"), "\"x_meta_model\":{\"trace\":true}");
        var (_, roomy) = await AskAsync(scenario, "mixed", User("the question"), "\"x_meta_model\":{\"trace\":true}");

        body.GetProperty("x_meta_model").GetProperty("synthesis").ToString().Should().Be("""{"drafts_cut":2,"groups_dropped":0,"messages_cut":0}""");
        CallsTo(scenario, "small").Single(c => c.Contains("SYNTHESIS TASK", StringComparison.Ordinal)).Should().Contain("bytes left out");
        roomy.GetProperty("x_meta_model").TryGetProperty("synthesis", out _).Should().BeFalse("the window held everything");
    }

    [Fact]
    public async Task Synthesizer_that_cannot_hold_the_question_leaves_the_answer_to_the_best_draft()
    {
        await using var scenario = await StartAsync();

        var (response, body) = await AskAsync(scenario, "pressed", User(new string('x', 32_000)));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        Header(response, "X-MetaModel-Fallback-Reason").Should().Be("synth_failed_picked_primary");
        body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().BeOneOf(">alpha<", ">beta<");
        CallsTo(scenario, "small").Should().BeEmpty();
    }

    // The warning of check goes by the same room: a request that fits is synthesized, one that is clearly beyond it is not.
    [Theory]
    [InlineData(-20, "none")]
    [InlineData(400, "synth_failed_picked_primary")]
    public async Task Room_that_a_small_synthesizer_is_said_to_have_is_what_it_has(int beyond, string fallback)
    {
        await using var scenario = await StartAsync(draft: string.Concat(Enumerable.Repeat("a long draft ", 1000)));
        var config = scenario.Gateway.Services.GetRequiredService<RuntimeHost>().Current.Config;
        var pressed = config.Profiles.OfType<MoaProfileConfig>().Single(p => p.Name == "pressed");
        UpstreamConfig Upstream(string name) => config.Upstreams.Single(u => u.Name == name);
        var room = SynthesisRoom.ForConversation(pressed, Upstream(pressed.Synthesizer), Upstream);

        var (response, _) = await AskAsync(scenario, "pressed", User(new string('x', (int)(room + beyond) * 28 / 10)));

        Header(response, "X-MetaModel-Fallback-Reason").Should().Be(fallback);
    }

    [Fact]
    public async Task Reported_usage_widens_the_window_of_an_upstream()
    {
        await using var scenario = await StartAsync(promptTokens: 2500);
        var messages = Conversation(turns: 22);
        var (first, _) = await AskAsync(scenario, "mixed", messages);
        for (var i = 0; i < 8; i++)
        {
            await AskAsync(scenario, "mixed", messages);
        }

        var (later, _) = await AskAsync(scenario, "mixed", messages);

        Header(first, "X-MetaModel-Compacted-N").Should().NotBe("0");
        Header(later, "X-MetaModel-Compacted-N").Should().Be("0");
        Header(later, "X-MetaModel-Prompt-Tokens-In").Should().Be(Header(first, "X-MetaModel-Prompt-Tokens-In"));
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    [InlineData("cascade", true)]
    public async Task Every_text_that_is_answered_teaches_how_an_upstream_counts(string profile, bool stream)
    {
        await using var scenario = await StartAsync(promptTokens: 5000);
        var calibration = scenario.Gateway.Services.GetRequiredService<RuntimeHost>().Current.Upstreams.Find("a")!.Calibration;
        var messages = Conversation(turns: 22);
        var (first, _) = await AskAsync(scenario, profile, messages);
        var estimated = int.Parse(Header(first, "X-MetaModel-Prompt-Tokens-In")!, null);
        for (var i = 1; i < TokenCalibration.Enough; i++)
        {
            using var response = await scenario.Client.PostAsync(
                "/v1/chat/completions", ChatCall.Content($"{{\"model\":\"{profile}\",\"stream\":{(stream ? "true" : "false")},\"messages\":{messages}}}"));
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            await response.Content.ReadAsByteArrayAsync();
        }

        await BadDays.BadDay.Until(() => calibration.Ratio != 1, "enough was seen");
        calibration.Ratio.Should().BeApproximately(5000.0 / estimated, 0.001);
    }

    [Fact]
    public async Task Cascade_leaves_out_a_member_whose_window_is_too_small_by_its_own_count()
    {
        await using var scenario = await StartAsync(promptTokens: 5000);
        var calibration = scenario.Gateway.Services.GetRequiredService<RuntimeHost>().Current.Upstreams.Find("small")!.Calibration;
        var messages = Conversation(turns: 25);
        var (before, _) = await AskAsync(scenario, "relay", messages);
        for (var i = 0; i < TokenCalibration.Enough; i++)
        {
            calibration.Observe(1000, 1900);
        }

        var (after, _) = await AskAsync(scenario, "relay", messages);

        Header(before, "X-MetaModel-Cascade-Winner").Should().Be("small");
        Header(after, "X-MetaModel-Cascade-Winner").Should().Be("large");
        Header(after, "X-MetaModel-Cascade-Attempts").Should().Be("small:context");
    }

    private static Task<GatewayScenario> StartAsync(long? promptTokens = null, string draft = "")
    {
        var models = new[] { SimulatedModel.Saying("a", $">alpha{draft}<"), SimulatedModel.Saying("b", $">beta{draft}<"), SimulatedModel.Saying("c", "c"), SimulatedModel.Saying("s", "s") }
            .Concat(new[] { "small", "large", "tiny" }.Select(m => SimulatedModel.Saying(m, m)))
            .Select(m => promptTokens is { } tokens ? m with { Usage = new SimulatedUsage((int)tokens, 5) } : m)
            .ToArray();
        return GatewayScenario.StartAsync(models, more: Windows);
    }

    private static string Conversation(int turns)
    {
        var text = new StringBuilder("[{\"role\":\"system\",\"content\":\"RULES\"}");
        for (var i = 0; i < turns; i++)
        {
            text.Append(",{\"role\":\"user\",\"content\":\"").Append("ask ").Append(i).Append(' ').Append('q', 250)
                .Append("\"},{\"role\":\"assistant\",\"content\":\"answer ").Append(i).Append(' ').Append('a', 250).Append("\"}");
        }

        return text.Append(",{\"role\":\"user\",\"content\":\"the question\"}]").ToString();
    }

    private static string User(string content) => $"[{{\"role\":\"user\",\"content\":{JsonSerializer.Serialize(content)}}}]";

    private static async Task<(HttpResponseMessage Response, JsonElement Body)> AskAsync(GatewayScenario scenario, string profile, string messages, string more = "")
    {
        var json = $"{{\"model\":\"{profile}\",\"messages\":{messages}{(more.Length > 0 ? "," + more : "")}}}";
        var response = await scenario.Client.PostAsync("/v1/chat/completions", ChatCall.Content(json));
        return (response, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()));
    }

    private static string[] CallsTo(GatewayScenario scenario, params string[] models) =>
        [.. scenario.Models.ChatCalls.Select(c => c.BodyText).Where(body => models.Any(m => body.Contains($"\"model\":\"{m}\"", StringComparison.Ordinal)))];

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
