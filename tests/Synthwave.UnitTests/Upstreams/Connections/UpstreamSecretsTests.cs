using System.Text;
using Synthwave.Configuration;
using Synthwave.Providers;
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

    [Theory]
    [InlineData(nameof(KeyScheme.Bearer), "Authorization", "Bearer k&1")]
    [InlineData(nameof(KeyScheme.XApiKey), "x-api-key", "k&1")]
    [InlineData(nameof(KeyScheme.ApiKey), "api-key", "k&1")]
    public void A_key_is_shown_in_one_header(string named, string name, string value)
    {
        var scheme = Enum.Parse<KeyScheme>(named);
        var secrets = new UpstreamSecrets(new Secret("k&1"), null);

        Headers(secrets, scheme).Should().Equal((name, value));
        secrets.Show(new Uri("https://h.test/v1"), scheme).Should().Be(new Uri("https://h.test/v1"));
    }

    [Theory]
    [InlineData("https://h.test/v1/models", "https://h.test/v1/models?key=k%261")]
    [InlineData("https://h.test/v1/models?a=b", "https://h.test/v1/models?a=b&key=k%261")]
    public void A_key_in_the_query_is_in_no_header(string address, string shown)
    {
        var secrets = new UpstreamSecrets(new Secret("k&1"), null);

        Headers(secrets, KeyScheme.Query).Should().BeEmpty();
        secrets.Show(new Uri(address), KeyScheme.Query).AbsoluteUri.Should().Be(shown);
    }

    [Fact]
    public void A_key_that_is_not_to_be_shown_is_shown_nowhere() => Headers(new UpstreamSecrets(new Secret("k"), null), KeyScheme.None).Should().BeEmpty();

    private void Set(string name, string? value)
    {
        if (value is not null)
        {
            _environment[name] = value;
        }
    }

    private UpstreamSecrets? Read(UpstreamCredentials credentials) => UpstreamSecrets.Read(credentials, _environment.GetValueOrDefault);

    private string? Authorization(UpstreamCredentials credentials) => Headers(Read(credentials)!.Value, KeyScheme.Bearer) is [var (name, value)] && name == "Authorization" ? value : null;

    private static (string Name, string Value)[] Headers(UpstreamSecrets secrets, KeyScheme scheme)
    {
        using var request = new HttpRequestMessage();
        secrets.Show(request.Headers, scheme);
        return [.. request.Headers.NonValidated.Select(static h => (h.Key, h.Value.ToString()))];
    }
}
