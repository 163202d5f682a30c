using System.Net;
using Synthwave.IntegrationTests.Doors;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>Documents in a conversation: who is asked, and what they are sent.</summary>
public sealed class FileTests
{
    private const string Door = "/v1/chat/completions";
    private const string Pdf = "{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,JVBERi0xLjcK\"}}";
    private const string Text = "{\"type\":\"file\",\"file\":{\"filename\":\"a.md\",\"file_data\":\"data:text/markdown;base64,IyBIaQ==\"}}";

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task A_chat_server_of_which_nothing_is_known_is_sent_the_file_as_it_came(string model)
    {
        await using var scenario = await StartAsync();

        var (response, body) = await scenario.PostAsync(Door, MediaCases.Ask(model, Pdf));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Single().BodyText.Should().Contain(Pdf);
    }

    [Theory]
    [InlineData(Pdf, "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":\"JVBERi0xLjcK\"},\"title\":\"a.pdf\"}")]
    [InlineData(Text, "{\"type\":\"document\",\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"# Hi\"},\"title\":\"a.md\"}")]
    [InlineData("{\"type\":\"file\",\"file\":{\"file_data\":\"JVBERi0xLjcK\"}}", "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":\"JVBERi0xLjcK\"}}")]
    [InlineData("{\"type\":\"file\",\"file\":{\"file_data\":\"https://x/y.pdf\"}}", "{\"type\":\"document\",\"source\":{\"type\":\"url\",\"url\":\"https://x/y.pdf\"}}")]
    public async Task An_Anthropic_model_is_sent_it_as_a_document(string file, string block)
    {
        await using var scenario = await StartAsync();

        foreach (var model in (string[])["claude", "readers"])
        {
            var (response, body) = await scenario.PostAsync(Door, MediaCases.Ask(model, file));

            response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
            scenario.Models.Requests.Last(r => r.Path.EndsWith("/messages", StringComparison.Ordinal)).BodyText.Should().Contain(block);
        }

        scenario.Models.ChatCalls.Should().NotContain(c => c.Model == "a", "it does not say that it reads files");
    }

    [Fact]
    public async Task An_ensemble_that_cannot_read_a_document_says_so_and_goes_on_when_it_is_over()
    {
        await using var scenario = await StartAsync();

        var (refused, error) = await scenario.PostAsync(Door, MediaCases.Ask("moa", Pdf));
        var (later, body) = await scenario.PostAsync(Door, $$"""
            {"model":"moa","messages":[{"role":"user","content":[{"type":"text","text":"Read."},{{Pdf}}]},{"role":"assistant","content":"I have."},{"role":"user","content":"And now?"}]}
            """);

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        error.At("error.code").GetString().Should().Be("unsupported_content_part");
        error.At("error.param").GetString().Should().Be("messages[0].content[1]");
        later.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Should().NotBeEmpty().And.OnlyContain(c => !c.BodyText.Contains("JVBER", StringComparison.Ordinal));
        scenario.Models.ChatCalls.First().BodyText.Should().Contain("[file omitted: the model this is sent to cannot read it]");
    }

    [Fact]
    public async Task An_ensemble_asks_those_who_say_that_they_read_files()
    {
        await using var scenario = await StartAsync(upstream: "modalities = [\"text\", \"file\"]");

        var (response, body) = await scenario.PostAsync(Door, MediaCases.Ask("moa", Pdf));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.ChatCalls.Select(c => c.Model).Should().Contain(["a", "b", "c"]);
        scenario.Models.ChatCalls.Where(c => c.Model is "a" or "b" or "c").Should().OnlyContain(c => c.BodyText.Contains("JVBERi0xLjcK"));
    }

    private static Task<GatewayScenario> StartAsync(string upstream = "") => GatewayScenario.StartAsync(
        [.. MediaCases.Models, MediaCases.Seeing("claude")], upstream: upstream, more: """
        [upstreams.claude]
        model_id = "claude"
        base_url = "$BASE_URL"
        protocol = "anthropic"
        context = 32768
        max_output = 4096
        [profiles.readers]
        type = "moa"
        generators = ["a", "claude"]
        synthesizer = "claude"
        """);
}
