using System.Text;
using Synthwave.Configuration;
using Synthwave.Upstreams.Connections;

namespace Synthwave.UnitTests.Upstreams.Connections;

public sealed class UpstreamSecretsTests
{
    private readonly Dictionary<string, string> _environment = [];

    [Fact]
    public void Variable_beats_the_literal_key()
    {
        _environment["KEY"] = "from-env";

        Authorization(new() { ApiKeyEnv = "KEY", ApiKey = new Secret("literal") }).Should().Be("Bearer from-env");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Literal_key_stands_in_for_an_empty_variable(string? value)
    {
        Set("KEY", value);

        Authorization(new() { ApiKeyEnv = "KEY", ApiKey = new Secret("literal") }).Should().Be("Bearer literal");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    public void Empty_variable_without_a_literal_key_is_no_credential(string? value)
    {
        Set("KEY", value);

        Read(new() { ApiKeyEnv = "KEY" }).Should().BeNull();
    }

    [Fact]
    public void Nothing_configured_sends_nothing() => Authorization(new()).Should().BeNull();

    [Fact]
    public void Empty_literal_key_sends_nothing() => Authorization(new() { ApiKey = new Secret("") }).Should().BeNull();

    [Fact]
    public void Line_break_at_the_end_of_a_key_is_not_part_of_it()
    {
        _environment["KEY"] = "abc\r\n";

        Authorization(new() { ApiKeyEnv = "KEY" }).Should().Be("Bearer abc");
    }

    [Fact]
    public void A_file_stands_between_the_variable_and_the_literal_key()
    {
        var credentials = new UpstreamCredentials { ApiKeyEnv = "KEY", ApiKeyFile = new SecretFile("f", new Secret("from-file")), ApiKey = new Secret("literal") };
        var unset = Authorization(credentials);
        _environment["KEY"] = "from-env";

        unset.Should().Be("Bearer from-file");
        Authorization(credentials).Should().Be("Bearer from-env");
    }

    [Fact]
    public void File_without_content_is_no_credential()
    {
        Read(new() { ApiKeyFile = new SecretFile("f") }).Should().BeNull();
        Read(new() { BasicUser = "user", BasicPassFile = new SecretFile("f") }).Should().BeNull();
    }

    [Fact]
    public void Password_of_a_file_is_sent_as_it_is() =>
        Authorization(new() { BasicUser = "user", BasicPassFile = new SecretFile("f", new Secret(" p ")) })
            .Should().Be("Basic " + Convert.ToBase64String("user: p "u8));

    [Theory]
    [InlineData("a\nX-Injected: 1")]
    [InlineData("kéy")]
    public void Key_that_cannot_stand_in_a_header_is_no_credential(string key) => Read(new() { ApiKey = new Secret(key) }).Should().BeNull();

    [Theory]
    [InlineData("pass")]
    [InlineData("")]
    [InlineData("pä:ß")]
    public void User_and_literal_password_are_sent_as_basic(string password) =>
        Authorization(new() { BasicUser = "user", BasicPass = new Secret(password) })
            .Should().Be("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{password}")));

    [Fact]
    public void Password_variable_is_read_at_each_call()
    {
        var credentials = new UpstreamCredentials { BasicUser = "user", BasicPassEnv = "PASS" };
        var before = Read(credentials);

        _environment["PASS"] = "now";

        before.Should().BeNull();
        Authorization(credentials).Should().Be("Basic " + Convert.ToBase64String("user:now"u8));
    }

    private void Set(string name, string? value)
    {
        if (value is not null)
        {
            _environment[name] = value;
        }
    }

    private UpstreamSecrets? Read(UpstreamCredentials credentials) => UpstreamSecrets.Read(credentials, _environment.GetValueOrDefault);

    private string? Authorization(UpstreamCredentials credentials) => Read(credentials)!.Value.Authorization;
}
