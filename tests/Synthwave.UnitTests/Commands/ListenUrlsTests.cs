using Synthwave.Commands;

namespace Synthwave.UnitTests.Commands;

public sealed class ListenUrlsTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8400", 1)]
    [InlineData("http://127.0.0.1:8400/", 1)]
    [InlineData("HTTP://[::1]:0; http://*:80 ;", 2)]
    [InlineData("http://localhost:8400;http://+:8401;http://0.0.0.0:8402", 3)]
    public void Plain_addresses_are_taken(string text, int count)
    {
        var (urls, problem) = ListenUrls.Read(text);

        problem.Should().BeNull();
        urls.Should().HaveCount(count);
    }

    [Theory]
    [InlineData("https://127.0.0.1:8443", "TLS")]
    [InlineData("http://127.0.0.1:8400;https://127.0.0.1:8443", "'https://127.0.0.1:8443' asks for TLS")]
    [InlineData("HTTPS://*:8443", "in front of the gateway")]
    [InlineData("http://127.0.0.1:8400/v1", "has a path")]
    [InlineData("http://127.0.0.1:8400/v1/", "has a path")]
    [InlineData("ftp://127.0.0.1:21", "only http://host:port")]
    [InlineData("http://unix:/run/synthwave.sock", "only http://host:port")]
    [InlineData("http://pipe:/synthwave", "only http://host:port")]
    [InlineData("nonsense", "no address")]
    [InlineData("http://127.0.0.1:99999999999", "no port from 0 to 65535")]
    [InlineData("http://127.0.0.1:65536", "no port from 0 to 65535")]
    [InlineData("http://[::1]:65536", "no port from 0 to 65535")]
    [InlineData("", "names no address")]
    [InlineData(" ; ", "names no address")]
    public void What_would_not_be_listened_on_as_said_is_refused_with_a_reason(string text, string reason) =>
        ListenUrls.Read(text).Problem.Should().Contain(reason);
}
