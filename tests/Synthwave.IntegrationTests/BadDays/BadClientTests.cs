using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Whatever a client sends: a typed answer, nothing for an upstream, and a gateway that goes on serving.</summary>
public sealed class BadClientTests
{
    private const int Mebibyte = 1024 * 1024;

    [Theory]
    [InlineData("", null)]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    [InlineData("\"a\"", null)]
    [InlineData("{", null)]
    [InlineData("{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"hel", null)]
    [InlineData("{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} trailing", null)]
    [InlineData("{'model':'a'}", null)]
    [InlineData("{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],}", null)]
    [InlineData("{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"model\":\"b\"}", "duplicate_key")]
    [InlineData("{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":false,\"\\u0073tream\":true}", "duplicate_key")]
    public async Task A_body_that_is_no_chat_call_is_a_typed_400(string body, string? code)
    {
        await using var day = await BadDay.StartAsync();

        using var response = await day.Gateway.Client.PostAsync("/v1/chat/completions", ChatCall.Content(body));

        var error = (await ClientView.ReadAsync(response)).ShouldBeFailure(400, code, "invalid_request_error").Error!.Value;
        if (code == "duplicate_key")
        {
            error.GetProperty("param").GetString().Should().BeOneOf("model", "stream");
        }

        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    [Theory]
    [InlineData("{\"model\":\"a\",\"messages\":", "[", "]", 100_000)]
    [InlineData("{\"model\":\"a\",\"x\":", "{\"y\":", "}", 1000)]
    public async Task Nesting_without_end_is_a_typed_400(string opening, string down, string up, int depth)
    {
        await using var day = await BadDay.StartAsync();
        var body = opening + string.Concat(Enumerable.Repeat(down, depth)) + "1" + string.Concat(Enumerable.Repeat(up, depth)) + "}";

        using var response = await day.Gateway.Client.PostAsync("/v1/chat/completions", ChatCall.Content(body));

        (await ClientView.ReadAsync(response)).ShouldBeFailure(400, null, "invalid_request_error");
        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_a_typed_400()
    {
        await using var day = await BadDay.StartAsync();
        byte[] body = [.. "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"caf"u8, 0xC3, .. "(\"}]}"u8];
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");

        using var response = await day.Gateway.Client.PostAsync("/v1/chat/completions", content);

        (await ClientView.ReadAsync(response)).ShouldBeFailure(400, null, "invalid_request_error");
        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    [Fact]
    public async Task A_body_that_stops_before_its_length_is_a_400()
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync(RawClient.Post("{\"model\":\"a\"", contentLength: 5000));
        client.FinishSending();
        var answer = await client.ReadToEndAsync();

        // Half a connection is a client that left: an answer is owed only if it still listens.
        if (answer.Length > 0)
        {
            answer.Should().StartWith("HTTP/1.1 400");
        }

        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    [Fact]
    public async Task A_stated_length_over_the_limit_is_a_413_before_the_body_is_read()
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup { Server = "max_body_mb = 1" });
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync(RawClient.Post("", contentLength: Mebibyte + 1));
        (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue();

        client.Received.Should().StartWith("HTTP/1.1 413").And.Contain("\"request_too_large\"").And.Contain("Connection: close");
        client.Leave();
        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    [Fact]
    public async Task A_chunked_body_over_the_limit_is_a_413_as_soon_as_it_is_too_long()
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup { Server = "max_body_mb = 1" });
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        var chunk = $"{Mebibyte / 4:x}\r\n{new string(' ', Mebibyte / 4)}\r\n";
        for (var i = 0; i < 4; i++)
        {
            await client.SendAsync(chunk);
        }

        await client.SendAsync("1\r\n \r\n");
        (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue();

        client.Received.Should().StartWith("HTTP/1.1 413").And.Contain("\"request_too_large\"").And.Contain("Connection: close");
        client.Leave();
        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_exactly_the_limit_is_accepted(bool chunked)
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup { Server = "max_body_mb = 1" });
        var body = ChatCall.Body("a");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = ChatCall.Content(body.PadRight(Mebibyte)) };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await day.Gateway.Client.SendAsync(request);

        (await ClientView.ReadAsync(response)).ShouldBeComplete();
        await ShouldStillServeAsync(day, callsBefore: 1);
    }

    [Fact]
    public async Task A_models_name_cannot_write_a_header()
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync(RawClient.Post(ChatCall.Body("a\r\nX-Evil: yes"), "Connection: close\r\n"));
        var answer = await client.ReadToEndAsync();

        answer.Should().StartWith("HTTP/1.1 404").And.Contain("\"model_not_found\"");
        answer.Should().NotContainEquivalentOf("\nX-Evil");
        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    [Fact]
    public async Task A_configured_name_cannot_write_a_header_either()
    {
        const string Name = "a\r\nX-Evil: yes";
        await using var models = await Simulation.SimulatedServer.StartAsync(BadDay.Model("a"));
        await using var gateway = await TestGateway.StartAsync($"""
            [upstreams."a\r\nX-Evil: yes"]
            model_id = "a"
            base_url = "{models.BaseUrl}"
            context = 32768
            max_output = 4096
            """);

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(Name));

        var view = (await ClientView.ReadAsync(response)).ShouldBeComplete();
        view.Header("X-Evil").Should().BeNull();
        view.Header("X-MetaModel-Profile").Should().Be("a%0D%0AX-Evil:%20yes");
    }

    [Fact]
    public async Task No_header_of_a_client_reaches_an_upstream_or_its_own_answer()
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        const string Headers = "Authorization: Bearer stolen\r\nCookie: session=1\r\nX-Forwarded-For: 1.2.3.4\r\nX-Request-Id: mine\r\nX-MetaModel-Profile: evil\r\nConnection: close\r\n";

        await client.SendAsync(RawClient.Post(ChatCall.Body("a"), Headers));
        var answer = await client.ReadToEndAsync();

        answer.Should().StartWith("HTTP/1.1 200").And.NotContain("evil").And.NotContain("mine");
        var sent = day.Models.ChatCalls.Single().Headers;
        sent.Keys.Should().NotContain(["Authorization", "Cookie", "X-Forwarded-For", "X-Request-Id", "X-MetaModel-Profile"]);
        await ShouldStillServeAsync(day, callsBefore: 1);
    }

    [Theory]
    [InlineData("X-Folded: one\r\n two\r\n")]
    [InlineData("X-Null: a\0b\r\n")]
    [InlineData("X Space: a\r\n")]
    [InlineData("X-Bare: a\rb\r\n")]
    [InlineData("Content-Length: 1\r\n")]
    public async Task A_head_that_is_no_http_is_refused(string headers)
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync(RawClient.Post(ChatCall.Body("a"), headers));
        var answer = await client.ReadToEndAsync();

        answer.Should().StartWith("HTTP/1.1 400");
        await ShouldStillServeAsync(day, callsBefore: 0);
    }

    private static async Task ShouldStillServeAsync(BadDay day, int callsBefore)
    {
        await day.ShouldBeQuietAsync();
        day.Models.ChatCalls.Should().HaveCount(callsBefore, "an upstream sees only what was asked of it");
        (await day.AskAsync("a", stream: false)).ShouldBeComplete().Content.Should().Be(BadDay.Texts["a"]);
    }
}
