using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Hosting;
using Synthwave.Telemetry.Logging;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>Upstreams with a private authority, with a client certificate, and with none that is looked at.</summary>
public sealed class TlsUpstreamTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-tls-");
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _stranger = new("Stranger");

    public TlsUpstreamTests()
    {
        Write("ca.pem", _authority.Pem);
        Write("stranger.pem", _stranger.Pem);
        Show("alice");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("ca_file = 'stranger.pem'", null)]
    [InlineData("ca_file = 'ca.pem'", "nobody")]
    [InlineData("insecure = true", "nobody")]
    public async Task A_private_authority_is_trusted_where_it_is_named(string? tls, string? answer)
    {
        await using var upstream = await TlsUpstream.StartAsync(_authority.Issue("server", "127.0.0.1"));
        await using var gateway = await StartAsync(Table("u", upstream.BaseUrl, tls));

        await ShouldAnswerAsync(gateway, "u", answer);
        upstream.Protocols.Should().Equal(answer is null ? [] : ["HTTP/2"]);
    }

    [Theory]
    [InlineData("ca_file = 'ca.pem'", null)]
    [InlineData("insecure = true", "nobody")]
    public async Task A_certificate_for_another_name_is_none(string tls, string? answer)
    {
        await using var upstream = await TlsUpstream.StartAsync(_authority.Issue("server", "other.test"));
        await using var gateway = await StartAsync(Table("u", upstream.BaseUrl, tls));

        await ShouldAnswerAsync(gateway, "u", answer);
    }

    [Theory]
    [InlineData("expired", "its TLS certificate has expired or is not valid yet", "tls_expired")]
    [InlineData("other name", "its TLS certificate is for another host name", "tls_name")]
    [InlineData("stranger", "its TLS certificate is of an authority that is not trusted", "tls_authority")]
    [InlineData("system", "its TLS certificate is of an authority that is not trusted", "tls_authority")]
    [InlineData("no tls", "what answers there does not speak TLS (http instead of https?)", "not_tls")]
    public async Task What_is_wrong_with_tls_is_told_to_clients_and_in_the_log(string what, string words, string label)
    {
        await using var upstream = await TlsUpstream.StartAsync(_authority.Issue("server", what == "other name" ? "other.test" : "127.0.0.1", isExpired: what == "expired"));
        await using var unread = new RawUpstream(async call =>
        {
            await call.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            await call.WhenClosedAsync();
        }, reads: false);
        var baseUrl = what == "no tls" ? unread.BaseUrl.Replace("http://", "https://", StringComparison.Ordinal) : upstream.BaseUrl;
        await using var gateway = await StartAsync(Table("u", baseUrl, what switch { "stranger" => "ca_file = 'stranger.pem'", "system" => null, _ => "ca_file = 'ca.pem'" }));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("u"));
        var body = await response.Content.ReadAsStringAsync();
        using var health = await gateway.Client.GetAsync("/health");

        response.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        body.Should().Contain($"Upstream 'u' could not be reached: {words}.").And.NotContain("127.0.0.1");
        await BadDays.BadDay.Until(() => Logged(gateway).Any(l => l.Contains(words, StringComparison.Ordinal)), "the log says what the probe found");
        await BadDays.BadDay.Until(
            () => gateway.Log.Events.Any(e => RequestRecordValue.Of(e)?.Report?.Calls.Any(c => c.Transport == label) is true), "the request's line says what its call found");
        Logged(gateway).Should().NotContain(l => l.Contains(baseUrl, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Authorities_between_the_root_and_the_server_may_stand_in_the_file()
    {
        using var between = new TestAuthority("Between", _authority);
        Write("chain.pem", _authority.Pem + between.Pem);
        await using var upstream = await TlsUpstream.StartAsync(between.Issue("server", "127.0.0.1"));
        await using var gateway = await StartAsync(Table("u", upstream.BaseUrl, "ca_file = 'chain.pem'"));

        await ShouldAnswerAsync(gateway, "u", "nobody");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(", client_cert = 'client.pem', client_key = 'client.key'", "alice")]
    [InlineData(", client_cert = 'both.pem'", "alice")]
    public async Task A_client_certificate_is_shown_where_it_is_given(string members, string? answer)
    {
        await using var upstream = await TlsUpstream.StartAsync(_authority.Issue("server", "127.0.0.1"), clients: true);
        await using var gateway = await StartAsync(Table("u", upstream.BaseUrl, "ca_file = 'ca.pem'" + members));

        await ShouldAnswerAsync(gateway, "u", answer);
    }

    [Fact]
    public async Task Upstreams_at_one_address_share_no_connection_when_their_tls_differs()
    {
        Write("bob.pem", Concat(_authority.Issue("bob")));
        await using var upstream = await TlsUpstream.StartAsync(_authority.Issue("server", "127.0.0.1"), clients: true);
        await using var gateway = await StartAsync(
            Table("alice", upstream.BaseUrl, "ca_file = 'ca.pem', client_cert = 'both.pem'")
            + Table("bob", upstream.BaseUrl, "ca_file = 'ca.pem', client_cert = 'bob.pem'")
            + Table("distrustful", upstream.BaseUrl, "ca_file = 'stranger.pem', client_cert = 'bob.pem'"));

        await ShouldAnswerAsync(gateway, "alice", "alice");
        await ShouldAnswerAsync(gateway, "bob", "bob");
        await ShouldAnswerAsync(gateway, "distrustful", null);
        await ShouldAnswerAsync(gateway, "alice", "alice");
    }

    [Fact]
    public async Task Health_is_asked_with_the_same_trust()
    {
        await using var upstream = await TlsUpstream.StartAsync(_authority.Issue("server", "127.0.0.1"), clients: true);
        await using var good = await StartAsync(Table("u", upstream.BaseUrl, "ca_file = 'ca.pem', client_cert = 'both.pem'"));
        await using var bad = await StartAsync(Table("u", upstream.BaseUrl, "ca_file = 'ca.pem'"));

        using var up = await good.Client.GetAsync("/health");
        using var down = await bad.Client.GetAsync("/health");

        up.StatusCode.Should().Be(HttpStatusCode.OK);
        down.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_is_shown_from_the_next_look_on()
    {
        await using var upstream = await TlsUpstream.StartAsync(_authority.Issue("server", "127.0.0.1"), clients: true);
        await using var gateway = await StartAsync(Table("u", upstream.BaseUrl, "ca_file = 'ca.pem', client_cert = 'client.pem', client_key = 'client.key'"));
        Func<string, string?> environment = _ => null;
        var watcher = ActivatorUtilities.CreateInstance<ConfigWatcher>(gateway.Services, At("meta-model.toml"), environment);
        watcher.Look();
        watcher.Look();
        await ShouldAnswerAsync(gateway, "u", "alice");

        Show("carol");
        watcher.Look();
        watcher.Look();

        await ShouldAnswerAsync(gateway, "u", "carol");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _directory.Delete(recursive: true);
    }

    private static string Concat((string Certificate, string Key) issued) => issued.Certificate + issued.Key;

    private static string Table(string name, string baseUrl, string? tls) => $"""
        [upstreams.{name}]
        model_id = "m"
        base_url = "{baseUrl}"
        context = 8192
        max_output = 512
        retries = 0
        {(tls is null ? "" : $"tls = {{ {tls} }}")}

        """;

    private static string[] Logged(TestGateway gateway) => [.. gateway.Log.Events.Select(e => e.RenderMessage(CultureInfo.InvariantCulture))];

    // What went wrong is said without the address.
    private static async Task ShouldAnswerAsync(TestGateway gateway, string model, string? answer)
    {
        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(model));
        var body = await response.Content.ReadAsStringAsync();
        if (answer is null)
        {
            response.StatusCode.Should().Be(HttpStatusCode.BadGateway);
            body.Should().NotContain("127.0.0.1");
            return;
        }

        response.StatusCode.Should().Be(HttpStatusCode.OK, body);
        using var document = JsonDocument.Parse(body);
        document.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be(answer);
    }

    private void Show(string name)
    {
        var issued = _authority.Issue(name);
        Write("client.pem", issued.Certificate);
        Write("client.key", issued.Key);
        Write("both.pem", Concat(issued));
    }

    private string At(string name) => Path.Combine(_directory.FullName, name);

    private void Write(string name, string content) => File.WriteAllText(At(name), content);

    private Task<TestGateway> StartAsync(string toml)
    {
        Write("meta-model.toml", toml);
        return TestGateway.StartFileAsync(At("meta-model.toml"));
    }
}
