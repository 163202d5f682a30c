using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

public sealed class ProxyVariablesTests
{
    [Theory]
    [InlineData("http://a.test/v1", "http://one.test:1/", "http_proxy=http://one.test:1")]
    [InlineData("http://a.test/v1", "http://one.test:1/", "HTTP_PROXY=http://one.test:1")]
    [InlineData("http://a.test/v1", "http://one.test:1/", "http_proxy=http://one.test:1;HTTP_PROXY=http://two.test:2")]
    [InlineData("http://a.test/v1", "http://two.test:2/", "http_proxy=;HTTP_PROXY=http://two.test:2")]
    [InlineData("http://a.test/v1", "http://two.test:2/", "https_proxy=http://one.test:1;ALL_PROXY=http://two.test:2")]
    [InlineData("https://a.test/v1", "http://one.test:1/", "https_proxy=http://one.test:1;all_proxy=http://two.test:2")]
    [InlineData("https://a.test/v1", null, "http_proxy=http://one.test:1")]
    [InlineData("https://a.test/v1", "http://one.test:3128/", "https_proxy= one.test:3128 ")]
    [InlineData("https://a.test/v1", "socks5://one.test:1080/", "ALL_PROXY=socks5h://one.test:1080")]
    [InlineData("https://a.test/v1", "socks5://u:p@one.test:1080/", "ALL_PROXY=socks5://u:p@one.test:1080")]
    [InlineData("https://a.test/v1", null, "ALL_PROXY=ftp://one.test")]
    [InlineData("https://a.test/v1", null, "ALL_PROXY=http://")]
    [InlineData("http://127.0.0.1:8000/v1", "http://one.test:1/", "http_proxy=http://one.test:1")]
    [InlineData("http://a.test/v1", null, "http_proxy=http://one.test:1;NO_PROXY=a.test")]
    [InlineData("http://a.test/v1", "http://one.test:1/", "http_proxy=http://one.test:1;no_proxy=b.test;NO_PROXY=a.test")]
    [InlineData("http://a.test/v1", null, "")]
    public void Variable_of_the_scheme_names_the_proxy(string url, string? proxy, string environment) =>
        (Read(environment).For(new Uri(url))?.AbsoluteUri).Should().Be(proxy);

    [Theory]
    [InlineData("", false)]
    [InlineData("no_proxy=*", false)]
    [InlineData("http_proxy=nowhere:1", true)]
    [InlineData("ALL_PROXY=nowhere:1", true)]
    public void They_are_set_when_they_name_a_proxy(string environment, bool expected) => Read(environment).AreSet.Should().Be(expected);

    [Theory]
    [InlineData("*", "a.test", true)]
    [InlineData(" * ", "127.0.0.1", true)]
    [InlineData("b.test,*", "a.test", false)]
    [InlineData("", "a.test", false)]
    [InlineData("a.test", "a.test", true)]
    [InlineData("A.Test", "a.test:8000", true)]
    [InlineData("a.test", "x.a.test", true)]
    [InlineData("a.test", "xa.test", false)]
    [InlineData("a.test", "test", false)]
    [InlineData(".a.test", "x.a.test", true)]
    [InlineData(".a.test", "a.test", true)]
    [InlineData(".a.test", "xa.test", false)]
    [InlineData("a.test.", "a.test", true)]
    [InlineData("a.test", "a.test.", true)]
    [InlineData("*.a.test", "x.a.test", false)]
    [InlineData("b.test , a.test", "a.test", true)]
    [InlineData("b.test a.test", "a.test", true)]
    [InlineData("b.test,,\ta.test,", "a.test", true)]
    [InlineData("localhost", "localhost:8000", true)]
    [InlineData("localhost", "127.0.0.1", false)]
    [InlineData("a.test:8000", "a.test:8000", true)]
    [InlineData("a.test:8000", "x.a.test:8000", true)]
    [InlineData("a.test:8000", "a.test:8001", false)]
    [InlineData("a.test:80", "a.test", true)]
    [InlineData("a.test:http", "a.test", false)]
    [InlineData("127.0.0.1", "127.0.0.1:8000", true)]
    [InlineData("127.0.0.1:8000", "127.0.0.1:8000", true)]
    [InlineData("127.0.0.1:8000", "127.0.0.1:8001", false)]
    [InlineData("0.0.1", "127.0.0.1", false)]
    [InlineData("127.0.0.0/8", "127.3.2.1", true)]
    [InlineData("127.0.0.0/8", "128.0.0.1", false)]
    [InlineData("192.168.7.9/22", "192.168.4.1", true)]
    [InlineData("192.168.7.9/22", "192.168.8.1", false)]
    [InlineData("0.0.0.0/0", "10.0.0.1", true)]
    [InlineData("0.0.0.0/0", "a.test", false)]
    [InlineData("127.0.0.0/33", "127.0.0.1", false)]
    [InlineData("127.0.0.0/x", "127.0.0.1", false)]
    [InlineData("10", "10.0.0.1", false)]
    [InlineData("::1", "[::1]:8000", true)]
    [InlineData("[::1]", "[::1]", true)]
    [InlineData("[::1]:8000", "[::1]:8000", true)]
    [InlineData("[::1]:8000", "[::1]:8001", false)]
    [InlineData("fd00::/8", "[fd12::1]", true)]
    [InlineData("fd00::/8", "[fe80::1]", false)]
    [InlineData("0:0:0:0:0:0:0:1", "[::1]", true)]
    [InlineData("[", "a.test", false)]
    [InlineData("]:1,:,/,.,[]", "a.test", false)]
    public void Exceptions_are_asked_directly(string list, string host, bool covered) =>
        new ProxyExceptions(list).Cover(new Uri($"http://{host}/v1")).Should().Be(covered);

    [Theory]
    [InlineData("http://localhost:8000/v1", "localhost")]
    [InlineData("http://127.0.0.1:8000/v1", "127.0.0.1")]
    public void An_upstream_of_this_machine_behind_a_proxy_is_doubtful(string url, string host)
    {
        var text = $"[upstreams.u]\nmodel_id='m'\nbase_url='{url}'\ncontext=100\nmax_output=10\n";

        var warning = Loading.Warning(text, ("HTTP_PROXY", "http://SECRET@proxy.test:3128"));

        warning.ToString().Should().Contain("'u' is on this machine").And.Contain($"add {host} to NO_PROXY").And.NotContain("SECRET");
        Loading.Clean(text, ("HTTP_PROXY", "http://proxy.test:3128"), ("NO_PROXY", host));
        Loading.Clean(text + "proxy = 'none'\n", ("HTTP_PROXY", "http://proxy.test:3128"));
    }

    private static ProxyVariables Read(string environment)
    {
        var values = environment.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static v => v.Split('=', 2)).ToDictionary(static v => v[0], static v => v[1], StringComparer.Ordinal);
        return ProxyVariables.Read(values.GetValueOrDefault);
    }
}
