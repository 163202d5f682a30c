using Synthwave.Commands;

namespace Synthwave.UnitTests.Commands;

public sealed class ServedAddressTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"served-address-{Guid.NewGuid():N}.toml");

    public void Dispose() => File.Delete(_file);

    private string Find(string? text, string? host = null, int? port = null)
    {
        if (text is not null)
        {
            File.WriteAllText(_file, text);
        }

        return ServedAddress.Find(host, port, text is null ? null : _file, _ => null);
    }

    [Theory]
    [InlineData("[server]\nport = 9000\npath_prefix = \"/llm/\"\n")]
    [InlineData("[server]\r\nport = 9000\r\npath_prefix = '/llm' # of the proxy\r\nunknown_key = 1\r\n")]
    public void The_base_has_the_prefix_also_where_the_file_is_broken_or_of_Windows(string text)
    {
        File.WriteAllText(_file, text);

        ServedAddress.Base(_file, _ => null).Should().Be("http://127.0.0.1:9000/llm");
    }

    [Fact]
    public void Without_a_file_the_defaults_are_asked() => Find(null).Should().Be("http://127.0.0.1:8400/healthz");

    [Fact]
    public void A_file_that_went_away_gives_the_defaults() =>
        ServedAddress.Find(null, null, _file, _ => null).Should().Be("http://127.0.0.1:8400/healthz");

    [Theory]
    [InlineData("127.0.0.2", "http://127.0.0.2:9000/healthz")]
    [InlineData("0.0.0.0", "http://127.0.0.1:9000/healthz")]
    [InlineData("*", "http://127.0.0.1:9000/healthz")]
    [InlineData("::", "http://[::1]:9000/healthz")]
    [InlineData("[::1]", "http://[::1]:9000/healthz")]
    [InlineData("fe80::1", "http://[fe80::1]:9000/healthz")]
    [InlineData("gateway.local", "http://gateway.local:9000/healthz")]
    public void The_file_says_where_it_listens(string host, string url) => Find($"""
        [server]
        host = "{host}"
        port = 9000

        [upstreams.one]
        model_id = "m"
        base_url = "http://127.0.0.1:1/v1"
        """).Should().Be(url);

    [Fact]
    public void What_is_said_beats_the_file() =>
        Find("[server]\nhost = \"10.0.0.1\"\nport = 9000\n", "127.0.0.1", 9001).Should().Be("http://127.0.0.1:9001/healthz");

    [Theory]
    [InlineData("[server]\nport = 9000\nunknown_key = 1\n")]
    [InlineData("[server] # here\n  port=9000   # and there\n\n[upstreams.one\nmodel_id = \"m\n")]
    [InlineData("[profiles.p]\nport = 1\n\n[server]\nport = 9000\nport = \"nine\"\n[profiles.q]\nport = 2")]
    public void A_broken_file_gives_what_can_be_read(string text) => Find(text).Should().Be("http://127.0.0.1:9000/healthz");
}
