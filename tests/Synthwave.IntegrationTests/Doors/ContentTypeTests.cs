using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>What a browser sends anywhere without asking first is no request to any door.</summary>
public sealed class ContentTypeTests
{
    private const string Chat = """{"model":"a","messages":[{"role":"user","content":"hi"}]}""";

    private static readonly (string Path, string Body)[] Doors =
    [
        ("/v1/chat/completions", Chat),
        ("/v1/completions", """{"model":"a","prompt":"hi"}"""),
        ("/v1/responses", """{"model":"a","input":"hi"}"""),
        ("/v1/responses/input_tokens", """{"model":"a","input":"hi"}"""),
        ("/v1/messages", """{"model":"a","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}"""),
        ("/v1/messages/count_tokens", """{"model":"a","messages":[{"role":"user","content":"hi"}]}"""),
        ("/v1/embeddings", """{"model":"a","input":"hi"}"""),
        ("/tokenize", """{"model":"a","prompt":"hi"}"""),
    ];

    public static TheoryData<string, string> EveryDoor()
    {
        var data = new TheoryData<string, string>();
        foreach (var (path, body) in Doors)
        {
            data.Add(path, body);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryDoor))]
    public async Task A_type_that_needs_no_preflight_is_a_400_and_nobody_is_asked(string path, string body)
    {
        await using var scenario = await StartAsync();

        foreach (var type in new[] { "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; x=\"application/json\"" })
        {
            using var answer = await SendAsync(scenario, path, body, type);

            await ShouldBeRefusedAsync(answer, path);
        }

        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(EveryDoor))]
    public async Task A_page_may_not_leave_the_type_out(string path, string body)
    {
        await using var scenario = await StartAsync();

        using var ofPage = await SendAsync(scenario, path, body, null, ("Origin", "http://localhost:3000"));
        using var ofProgram = await SendAsync(scenario, path, body, null);
        using var typed = await SendAsync(scenario, path, body, "application/json; charset=utf-8", ("Origin", "http://localhost:3000"));

        await ShouldBeRefusedAsync(ofPage, path);
        (await ofProgram.Content.ReadAsStringAsync()).Should().NotContain("content type");
        typed.StatusCode.Should().Be(ofProgram.StatusCode);
    }

    [Fact]
    public async Task With_a_token_it_is_the_same()
    {
        await using var scenario = await StartAsync("bearer_token = 't'");

        using var plain = await SendAsync(scenario, "/v1/responses", """{"model":"a","input":"hi"}""", "text/plain", ("Authorization", "Bearer t"));
        using var untyped = await SendAsync(scenario, "/v1/chat/completions", Chat, null, ("Authorization", "Bearer t"), ("Sec-Fetch-Site", "cross-site"));
        using var json = await SendAsync(scenario, "/v1/chat/completions", Chat, "application/vnd.api+json", ("Authorization", "Bearer t"), ("Sec-Fetch-Site", "cross-site"));

        await ShouldBeRefusedAsync(plain, "/v1/responses");
        await ShouldBeRefusedAsync(untyped, "/v1/chat/completions");
        json.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Host", "rebound.example:8400", "host_not_allowed")]
    [InlineData("Origin", "https://evil.example", "origin_not_allowed")]
    [InlineData("Origin", "null", "origin_not_allowed")]
    [InlineData("Sec-Fetch-Site", "cross-site", "cross_site_request")]
    public async Task A_foreign_page_makes_nobody_work(string header, string value, string code)
    {
        await using var scenario = await StartAsync();

        using var answer = await SendAsync(scenario, "/v1/chat/completions", Chat, "application/json", (header, value));

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).Should().Contain($"\"code\":\"{code}\"");
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    private static Task<GatewayScenario> StartAsync(string server = "") =>
        GatewayScenario.StartAsync([.. new[] { "a", "b", "c", "s" }.Select(n => SimulatedModel.Saying(n, "hello"))], server);

    private static async Task<HttpResponseMessage> SendAsync(GatewayScenario scenario, string path, string body, string? type, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await scenario.Client.SendAsync(request);
    }

    private static async Task ShouldBeRefusedAsync(HttpResponseMessage answer, string path)
    {
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, path);
        var document = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        document.GetProperty("error").GetProperty("message").GetString().Should().Be("The content type must be application/json.");
    }
}
