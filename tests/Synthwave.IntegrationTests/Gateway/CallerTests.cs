using System.Globalization;
using System.Net;
using System.Text;
using Synthwave.IntegrationTests.BadDays;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>What upstreams hear of the client itself: headers that the operator named, and its own key where it is wanted.</summary>
public sealed class CallerTests
{
    private const string Completion = """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""";

    private const string Byok = "api_key_from = 'client'";

    private readonly List<string> _heads = [];

    [Fact]
    public async Task Named_headers_are_passed_on_and_no_others()
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync("[server]\nforward_headers = ['X-Team', 'User-Agent', 'x-both', 'x-absent']\n"
            + Config("u", upstream.BaseUrl, "api_key = 'sk-own'\nheaders = { X-Both = 'ours' }"));

        using var answer = await PostAsync(gateway, "u", ("x-team", "research"), ("x-team", "red"), ("X-Both", "theirs"), ("User-Agent", "agent/1"), ("X-Other", "no"), ("Authorization", "Bearer mine"), ("Cookie", "a=b"));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var head = _heads.Should().ContainSingle().Which;
        head.Should().Contain("X-Team: research").And.Contain("red").And.Contain("User-Agent: agent/1\r\n").And.Contain("X-Both: ours").And.Contain("Authorization: Bearer sk-own");
        head.Should().NotContain("theirs").And.NotContain("X-Other").And.NotContain("mine").And.NotContain("Cookie").And.NotContain("x-absent").And.NotContain("synthwave/");
    }

    [Theory]
    [InlineData("context")]
    [InlineData("error")]
    [InlineData("code")]
    public async Task A_header_whose_value_is_a_plain_word_hides_it_and_changes_no_meaning(string value)
    {
        await using var upstream = RawUpstream.Sending(RawAnswers.Http("""{"error":{"message":"This model's maximum context length is 4096 tokens (error).","type":"invalid_request_error","code":"context_length_exceeded"}}""").Replace("200 OK", "400 Bad Request", StringComparison.Ordinal));
        await using var gateway = await TestGateway.StartAsync(Config("u", upstream.BaseUrl, $"headers = {{ X-Kind = '{value}' }}"));

        using var answer = await PostAsync(gateway, "u");

        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Contain("context_length_exceeded");
    }

    [Fact]
    public async Task A_value_that_no_header_should_hold_is_left_out_and_named()
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync("[server]\nforward_headers = ['x-odd', 'x-long', 'x-fine']\n" + Config("u", upstream.BaseUrl));
        using var client = await RawClient.ConnectAsync(gateway.Address);

        await client.SendAsync(RawClient.Post(ChatCall.Body("u"), $"X-Odd: caf\u00e9\r\nX-Long: {new string('x', 5000)}\r\nX-Fine: yes\r\nConnection: close\r\n"));
        var answer = await client.ReadToEndAsync();

        answer.Should().StartWith("HTTP/1.1 200").And.Contain("X-MetaModel-Ignored: x-odd,x-long");
        _heads.Should().ContainSingle().Which.Should().Contain("x-fine: yes").And.NotContain("x-odd").And.NotContain("x-long");
    }

    [Theory]
    [InlineData("Authorization", "Bearer admin-token-of-a-test")]
    [InlineData("x-api-key", "admin-token-of-a-test")]
    public async Task The_admin_token_is_nobodys_key(string header, string value)
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync("[server]\nadmin_token = 'admin-token-of-a-test'\n" + Config("u", upstream.BaseUrl, Byok));

        using var answer = await PostAsync(gateway, "u", (header, value));

        answer.StatusCode.Should().NotBe(HttpStatusCode.OK);
        _heads.Should().BeEmpty("nothing is asked without a key of the caller's");
    }

    [Theory]
    [InlineData("Authorization", "Bearer sk-caller")]
    [InlineData("x-api-key", "sk-caller")]
    [InlineData("api-key", " sk-caller ")]
    public async Task The_callers_key_goes_to_the_upstream_that_wants_it(string header, string value)
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync(Config("u", upstream.BaseUrl, Byok));

        using var answer = await PostAsync(gateway, "u", (header, value));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        _heads.Should().ContainSingle().Which.Should().Contain("Authorization: Bearer sk-caller\r\n");
        NothingTold(gateway, "sk-caller");
    }

    [Theory]
    [InlineData("Authorization", "Bearer gateway-token", "x-api-key", "sk-caller")]
    [InlineData("x-api-key", "gateway-token", "Authorization", "Bearer sk-caller")]
    [InlineData("api-key", "gateway-token", "x-api-key", "sk-caller")]
    public async Task The_gateways_token_and_the_callers_key_come_in_two_headers(string tokenHeader, string token, string keyHeader, string key)
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync("[server]\nbearer_token = 'gateway-token'\n" + Config("u", upstream.BaseUrl, Byok));

        using var answer = await PostAsync(gateway, "u", (tokenHeader, token), (keyHeader, key));
        using var stranger = await PostAsync(gateway, "u", (keyHeader, key));
        using var keyless = await PostAsync(gateway, "u", (tokenHeader, token));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        stranger.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        keyless.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await keyless.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"missing_api_key\"").And.Contain("the caller's own key");
        _heads.Should().ContainSingle().Which.Should().Contain("Authorization: Bearer sk-caller\r\n").And.NotContain("gateway-token");
        NothingTold(gateway, "sk-caller");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer ")]
    [InlineData("Basic c2s6Y2FsbGVy")]
    [InlineData("Bearer two words")]
    public async Task Without_a_key_the_answer_is_401_and_nobody_is_asked(string? authorization)
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync(Config("u", upstream.BaseUrl, Byok));

        using var answer = await PostAsync(gateway, "u", authorization is null ? [] : [("Authorization", authorization)]);

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"missing_api_key\"").And.Contain("\"type\":\"invalid_request_error\"");
        _heads.Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_is_never_sent_to_an_upstream_with_a_key_of_the_gateways()
    {
        await using var callers = Upstream("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
        await using var own = Upstream();
        await using var gateway = await TestGateway.StartAsync(
            Config("u", callers.BaseUrl, Byok) + Config("v", own.BaseUrl, "api_key = 'sk-own'") + "[profiles.p]\ntype = 'cascade'\nupstreams = ['u', 'v']\n");

        using var answer = await PostAsync(gateway, "p", ("Authorization", "Bearer sk-caller"));
        using var keyless = await PostAsync(gateway, "p");

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        keyless.StatusCode.Should().Be(HttpStatusCode.OK, "the other member needs no key of the caller's");
        _heads.Should().HaveCount(3);
        _heads[0].Should().Contain("Bearer sk-caller").And.NotContain("sk-own");
        _heads.Skip(1).Should().AllSatisfy(h => h.Should().Contain("Bearer sk-own").And.NotContain("sk-caller"));
    }

    [Fact]
    public async Task Members_that_all_want_a_key_say_so_together()
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync(
            Config("u", upstream.BaseUrl, Byok) + Config("v", upstream.BaseUrl, Byok) + "[profiles.p]\ntype = 'moa'\ngenerators = ['u', 'v']\nsynthesizer = 'u'\n");

        using var answer = await PostAsync(gateway, "p");

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"missing_api_key\"");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_key_that_the_upstream_refuses_is_the_callers_affair(int status)
    {
        const string Refusal = """{"error":{"message":"Incorrect API key provided: sk-caller","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""";
        await using var upstream = Upstream(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nContent-Length: {Refusal.Length}\r\n\r\n{Refusal}"));
        await using var gateway = await TestGateway.StartAsync(Config("u", upstream.BaseUrl, Byok));

        using var answer = await PostAsync(gateway, "u", ("Authorization", "Bearer sk-caller"));
        var body = await answer.Content.ReadAsStringAsync();
        using var ready = await gateway.Client.GetAsync(new Uri("/v1/health", UriKind.Relative));

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        body.Should().Contain("\"code\":\"invalid_api_key\"").And.Contain("the caller's own key").And.NotContain("sk-caller");
        ready.StatusCode.Should().Be(HttpStatusCode.OK, "one caller's key says nothing about the upstream");
        NothingTold(gateway, "sk-caller");
    }

    [Fact]
    public async Task So_it_is_when_the_refusal_comes_as_an_event()
    {
        const string Refusal = "data: {\"error\":{\"message\":\"Incorrect API key provided\",\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\"}}\n\n";
        await using var upstream = Upstream(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {Refusal.Length}\r\n\r\n{Refusal}"));
        await using var gateway = await TestGateway.StartAsync(Config("u", upstream.BaseUrl, Byok));

        foreach (var stream in new[] { false, true })
        {
            using var answer = await SendAsync(gateway, ChatCall.Body("u", stream: stream), [("Authorization", "Bearer sk-caller")]);

            answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
            (await answer.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"invalid_api_key\"");
        }
    }

    [Fact]
    public async Task An_account_that_is_at_its_limit_is_the_callers_affair_too()
    {
        await using var limited = Upstream("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n");
        await using var own = Upstream();
        await using var gateway = await TestGateway.StartAsync(
            Config("u", limited.BaseUrl, Byok) + Config("v", own.BaseUrl, "api_key = 'sk-own'") + "[profiles.p]\ntype = 'cascade'\nupstreams = ['u', 'v']\n");

        using var first = await PostAsync(gateway, "p", ("Authorization", "Bearer sk-first"));
        using var second = await PostAsync(gateway, "p", ("Authorization", "Bearer sk-second"));

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        second.StatusCode.Should().Be(HttpStatusCode.OK);
        _heads.Should().Contain(h => h.Contains("Bearer sk-second", StringComparison.Ordinal), "the rest that one caller's account is given is no other's");
    }

    // Asked for its models it wants a key, as hosted endpoints do.
    private RawUpstream Upstream(string? answer = null) => new(call =>
    {
        if (call.Head.StartsWith("GET", StringComparison.Ordinal))
        {
            return call.SendAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        }

        _heads.Add(call.Head + "\r\n");
        return call.SendAsync(answer ?? string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Completion.Length}\r\n\r\n{Completion}"));
    });

    private static string Config(string name, string baseUrl, string rest = "") =>
        $"[upstreams.{name}]\nmodel_id = 'm'\nbase_url = '{baseUrl}'\ncontext = 32768\nmax_output = 4096\nretries = 0\n{rest}\n";

    private static Task<HttpResponseMessage> PostAsync(TestGateway gateway, string model, params (string Name, string Value)[] headers) =>
        SendAsync(gateway, ChatCall.Body(model), headers);

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, string body, IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        }

        return await gateway.Client.SendAsync(request);
    }

    private static void NothingTold(TestGateway gateway, string key) =>
        gateway.Log.Events.Should().NotBeEmpty().And.AllSatisfy(e =>
        {
            e.RenderMessage(CultureInfo.InvariantCulture).Should().NotContain(key);
            string.Join(' ', e.Properties.Select(p => p.Value.ToString())).Should().NotContain(key);
        });
}
