using System.Net;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;
using static Synthwave.IntegrationTests.Gateway.MediaCases;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class MediaTests
{
    [Theory]
    [InlineData("moa")]
    [InlineData("cascade")]
    [InlineData("a")]
    public async Task Images_go_to_the_servers_endpoints_where_the_members_cannot_see(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-1\", \"eye-2\"]"));

        var (response, body) = await scenario.PostAsync(Door, Ask(model, Image));
        var (head, stream) = await scenario.PostStreamAsync(Door, Ask(model, Image, ",\"stream\":true"));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.At("choices[0].message.content").GetString().Should().StartWith("eye-1 sees image");
        body.At("model").GetString().Should().Be(model);
        response.Header("X-MetaModel-Profile").Should().Be(model);
        response.Header("X-MetaModel-Multimodal-Path").Should().Be("vision");
        response.Header("X-MetaModel-Multimodal-Upstream").Should().Be("eye-1");
        response.Header("X-MetaModel-Multimodal-Attempts").Should().Be("eye-1:200");
        stream.Content.Should().StartWith("eye-1 sees image");
        head.Header("X-MetaModel-Multimodal-Upstream").Should().Be("eye-1");
        scenario.Models.CallsTo("a").Should().Be(0);
    }

    [Fact]
    public async Task The_next_endpoint_answers_where_one_fails_and_all_failing_is_said()
    {
        SimulatedModel Failing(string id, int status) => Seeing(id) with { Fault = new(SimulatedFaultKind.Status) { Status = status } };
        await using var one = await GatewayScenario.StartAsync([.. Models[..4], Failing("eye-1", 500), Models[5], Models[6]], more: Tables("[vision]\nendpoints = [\"eye-1\", \"eye-2\"]"));
        await using var all = await GatewayScenario.StartAsync([.. Models[..4], Failing("eye-1", 500), Failing("eye-2", 503), Models[6]], more: Tables("[vision]\nendpoints = [\"eye-1\", \"eye-2\"]"));
        await using var client = await GatewayScenario.StartAsync([.. Models[..4], Failing("eye-1", 400), Models[5], Models[6]], more: Tables("[vision]\nendpoints = [\"eye-1\", \"eye-2\"]"));

        var (second, _) = await one.PostAsync(Door, Ask("moa", Image));
        var (none, _) = await all.PostAsync(Door, Ask("moa", Image));
        var (bad, _) = await client.PostAsync(Door, Ask("moa", Image));

        second.Header("X-MetaModel-Multimodal-Attempts").Should().Be("eye-1:500,eye-2:200");
        none.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        none.Header("X-MetaModel-Multimodal-Attempts").Should().Be("eye-1:500,eye-2:503");
        bad.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        bad.Header("X-MetaModel-Multimodal-Attempts").Should().Be("eye-1:400");
    }

    [Fact]
    public async Task Members_that_can_see_serve_it_themselves()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"ear\"]"));

        var (raw, rawBody) = await scenario.PostAsync(Door, Ask("eye-2", Image));
        var (ensemble, ensembleBody) = await scenario.PostAsync(Door, Ask("seeing", Image));

        rawBody.At("choices[0].message.content").GetString().Should().StartWith("eye-2 sees image");
        raw.Header("X-MetaModel-Multimodal-Path").Should().BeEmpty();
        ensemble.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", ensembleBody);
        ensemble.Header("X-MetaModel-Generators").Should().Be("2");
        scenario.Models.CallsTo("a").Should().Be(0, "it cannot see");
        scenario.Models.CallsTo("s").Should().Be(1);
        scenario.Models.ChatCalls.Single(c => c.Model == "s").BodyText.Should().NotContain("image_url").And.Contain("image omitted");
    }

    [Fact]
    public async Task Several_kinds_need_an_endpoint_that_reads_them_all()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-1\", \"ear\"]\n[audio]\nendpoints = [\"ear\"]"));

        var (both, bothBody) = await scenario.PostAsync(Door, Ask("moa", $"{Image},{Audio}"));
        var (audio, _) = await scenario.PostAsync(Door, Ask("moa", Audio));

        bothBody.At("choices[0].message.content").GetString().Should().StartWith("ear sees image");
        both.Header("X-MetaModel-Multimodal-Attempts").Should().Be("ear:200");
        audio.Header("X-MetaModel-Multimodal-Path").Should().Be("audio");
    }

    [Theory]
    [InlineData(Image, "vision_not_supported")]
    [InlineData(Audio, "audio_not_supported")]
    [InlineData("{\"type\":\"video_url\",\"video_url\":{\"url\":\"https://x/y\"}}", "video_not_supported")]
    public async Task What_nobody_reads_is_a_501(string part, string code)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models[..4]);

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", part));
        var (unknown, _) = await scenario.PostAsync(Door, Ask("nobody", part));

        response.StatusCode.Should().Be(HttpStatusCode.NotImplemented);
        body.At("error.code").GetString().Should().Be(code);
        body.At("error.type").GetString().Should().Be("invalid_request_error");
        response.Header("x-should-retry").Should().Be("false");
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_picture_of_an_earlier_turn_does_not_keep_the_ensemble_away()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-1\"]"));

        var (response, _) = await scenario.PostAsync(
            Door, $$"""{"model":"moa","messages":[{"role":"user","content":[{{Image}},{"type":"text","text":"this?"}]},{"role":"assistant","content":"A dot."},{"role":"user","content":"Thanks. And 1+1?"}]}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.CallsTo("eye-1").Should().Be(0);
        var draft = scenario.Models.ChatCalls.First(c => c.Model == "a");
        draft.BodyText.Should().NotContain("image_url").And.Contain("[image omitted");
    }

    [Fact]
    public async Task Images_are_described_once_and_the_ensemble_reads_the_descriptions_in_their_places()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-1\"]\ntwo_stage = true\ndescribe_image_cap = 2"));
        var parts = $"{Image.Replace("iVBOR", "iVBOS", StringComparison.Ordinal).Replace("image/png", "image/x-odd", StringComparison.Ordinal)},{{\"type\":\"text\",\"text\":\"between\"}},{Image},{Image.Replace("ggg==", "ghg==", StringComparison.Ordinal)}";

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", parts, ",\"x_meta_model\":{\"trace\":true}"));
        var (again, _) = await scenario.PostAsync(Door, Ask("moa", parts));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        response.Header("X-MetaModel-Vision-Path").Should().Be("describe_then_moa");
        int.Parse(response.Header("X-MetaModel-Vision-Describe-Chars"), System.Globalization.CultureInfo.InvariantCulture).Should().BePositive();
        body.At("x_meta_model.calls").EnumerateArray().Count(c => c.At("role").GetString() == "describer").Should().Be(2);
        body.At("usage.total_tokens").GetInt32().Should().Be(6 * 15);
        again.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.CallsTo("eye-1").Should().Be(2, "known images are not described again");
        var content = scenario.Models.ChatCalls.First(c => c.Model == "a").Json.At("messages[0].content").EnumerateArray().Select(p => p.At("text").GetString()!).ToList();
        content.Should().HaveCount(5);
        content[1].Should().Be("[Image 1 is not described here.]");
        content[2].Should().Be("between");
        content[3].Should().StartWith("[Image 2, described by another model.").And.Contain("eye-1 sees image");
    }

    [Fact]
    public async Task Without_any_description_the_endpoints_answer_themselves()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. Models[..4], Seeing("eye-1") with { Fault = new(SimulatedFaultKind.Status) { Status = 500, First = 1 } }, .. Models[5..]],
            more: Tables("[vision]\nendpoints = [\"eye-1\"]\ntwo_stage = true"));

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", Image));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        response.Header("X-MetaModel-Vision-Path").Should().BeEmpty();
        response.Header("X-MetaModel-Multimodal-Upstream").Should().Be("eye-1");
    }

    [Theory]
    [InlineData("data:image/png;base64,!!!!")]
    [InlineData("data:image/png;base64,")]
    [InlineData("data:image/png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("data:image/png;base64,JVBERi0xLjcKJeLjz9MK")]
    [InlineData("data:text/html;BASE64,PGh0bWw+")]
    [InlineData("data:image/png;BASE64,!!!!")]
    [InlineData("data:image/png;base64,iVBOR")]
    public async Task Sources_are_judged_before_anybody_is_asked(string url)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, more: Tables("[vision]\nendpoints = [\"eye-1\"]"));

        var (response, body) = await scenario.PostAsync(Door, Ask("moa", $$$"""{"type":"image_url","image_url":{"url":"{{{url}}}"}}"""));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        body.At("error.code").GetString().Should().Be("unsupported_content_part");
        body.At("error.param").GetString().Should().Be("messages[0].content[1]");
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task Parts_are_counted_and_weighed()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, server: "max_media_parts = 2\nmax_media_mb = 1", more: Tables("[vision]\nendpoints = [\"eye-1\"]"));

        var (many, _) = await scenario.PostAsync(Door, Ask("moa", $"{Image},{Image},{Image}"));
        var (large, _) = await scenario.PostAsync(Door, Ask("moa", $$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{new string('A', 1_500_000)}}}"}}"""));

        many.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        large.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }
}
