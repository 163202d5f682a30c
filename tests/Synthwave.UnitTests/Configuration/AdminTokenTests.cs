using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

public sealed class AdminTokenTests
{
    [Theory]
    [InlineData("admin_token_env = 'ADMIN'", null)]
    [InlineData("admin_token_env = 'ADMIN'", "")]
    [InlineData("admin_token_env = 'ADMIN'", " \t")]
    [InlineData("admin_token_file = '/nowhere/at/all'", null)]
    [InlineData("admin_token = 'ümlaut'", null)]
    [InlineData("admin_token = 'same'\nbearer_token = 'same'", null)]
    [InlineData("admin_token_env = 'ADMIN'\nbearer_token = 'same'", "same")]
    public void One_that_is_named_and_cannot_be_used_or_is_the_clients_keeps_the_gateway_from_starting(string server, string? value)
    {
        var result = Load(server, value);

        result.Config.Should().BeNull();
        result.Errors.Should().ContainSingle().Which.Key.Should().StartWith("server.admin_token");
        result.Errors.Single().ToString().Should().NotContain("same").And.NotContain("ümlaut");
    }

    [Fact]
    public void A_missing_one_is_a_warning_beside_another()
    {
        var result = Load("admin_token_env = 'ADMIN'\nadmin_token = 'written'", null);

        result.Warnings.Should().Contain(w => w.Key == "server.admin_token_env");
        AccessToken.ReadAdmin(result.Config!.Server, _ => null).Should().Be("written");
    }

    [Fact]
    public void The_variable_beats_what_is_written_and_neither_is_the_clients()
    {
        var config = Load("admin_token_env = 'ADMIN'\nadmin_token = 'written'", " from-variable ").Config!;

        AccessToken.ReadAdmin(config.Server, _ => " from-variable ").Should().Be("from-variable");
        AccessToken.Read(config.Server, _ => " from-variable ").Should().BeNull();
    }

    [Fact]
    public void Without_one_there_is_none() => AccessToken.ReadAdmin(Load("", null).Config!.Server, _ => "x").Should().BeNull();

    private static ConfigResult Load(string server, string? value) =>
        Synthwave.Configuration.Loading.ConfigLoader.Parse($"[server]\n{server}\n", "meta-model.toml", name => name == "ADMIN" ? value : null);
}
