using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

public class OpenListenTests
{
    [Theory]
    [InlineData("host = '0.0.0.0'", true)]
    [InlineData("host = '::'", true)]
    [InlineData("host = '192.168.1.20'", true)]
    [InlineData("host = 'gateway.example'", true)]
    [InlineData("host = '*'", true)]
    [InlineData("host = '0.0.0.0'\nbearer_token = ''", true)]
    [InlineData("host = '0.0.0.0'\nallow_open = true", false)]
    [InlineData("host = '0.0.0.0'\nbearer_token = 't'", false)]
    [InlineData("host = '127.0.0.1'", false)]
    [InlineData("host = '::1'", false)]
    [InlineData("host = 'localhost'", false)]
    public void A_host_that_others_can_reach_wants_a_token_or_a_word(string lines, bool isRefused)
    {
        var config = Loading.Load($"[server]\n{lines}").Config!;
        var addresses = new ListenSettings().AddressesOf(config.Server);

        var refusal = OpenListen.Refusal(config, addresses, static _ => null);

        (refusal is not null).Should().Be(isRefused);
        (refusal?.ToString() ?? "m.toml:2:8 server.host: synthwave token --host 127.0.0.1 allow_open = true").Should()
            .StartWith("m.toml:2:8 server.host: ").And.Contain("synthwave token").And.Contain("--host 127.0.0.1").And.Contain("allow_open = true");
    }

    [Fact]
    public void The_command_line_beats_the_file_and_is_named_where_it_decides()
    {
        var file = Loading.Load("[server]\nhost = '127.0.0.1'\nport = 9000").Config!;
        var open = new ListenSettings("0.0.0.0").Over(file);
        var closed = new ListenSettings("::1", 8401).Over(Loading.Load("[server]\nhost = '0.0.0.0'").Config!);

        OpenListen.Refusal(open, new ListenSettings("0.0.0.0").AddressesOf(open.Server), static _ => null)!.ToString().Should().StartWith("--host: ").And.Contain("http://0.0.0.0:9000");
        OpenListen.Refusal(closed, new ListenSettings("::1", 8401).AddressesOf(closed.Server), static _ => null).Should().BeNull();
        open.Origins.Of("server.host").Should().Be(new ConfigOrigin(OriginKind.CommandLine, "--host"));
        open.Origins.Of("server.port").Should().Match<ConfigOrigin>(o => o.Kind == OriginKind.File && o.Line == 3 && o.ToString() == "m.toml:3");
        new ListenSettings("::1", 8401).AddressesOf(closed.Server).Should().Equal("http://[::1]:8401");
    }

    [Fact]
    public void One_open_address_of_several_is_enough()
    {
        var settings = new ListenSettings { Urls = ["http://127.0.0.1:8400", "http://[::]:8401"] };
        var config = settings.Over(new GatewayConfig());

        var refusal = OpenListen.Refusal(config, settings.AddressesOf(config.Server), static _ => null);

        refusal!.ToString().Should().StartWith("--urls: ").And.Contain("http://[::]:8401");
    }

    [Fact]
    public void In_a_container_nobody_is_told_to_listen_on_loopback_there()
    {
        var config = new ListenSettings("0.0.0.0").Over(new GatewayConfig());

        var refusal = OpenListen.Refusal(config, ["http://0.0.0.0:8400"], static name => name == "DOTNET_RUNNING_IN_CONTAINER" ? "true" : null);

        refusal!.Message.Should().Contain("-p 127.0.0.1:8400:8400").And.NotContain("--host 127.0.0.1");
    }

    [Fact]
    public void What_allow_open_opens_is_said()
    {
        var config = Loading.Load("[server]\nhost = '0.0.0.0'\nallow_open = true").Config!;

        OpenListen.Notice(config, ["http://0.0.0.0:8400"], static _ => null).Should().Contain("http://0.0.0.0:8400");
        OpenListen.Notice(config, ["http://127.0.0.1:8400"], static _ => null).Should().BeNull();
    }
}
