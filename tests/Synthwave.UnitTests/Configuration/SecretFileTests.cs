using System.Diagnostics;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.UnitTests.Configuration;

/// <summary>Keys, tokens and passwords that are mounted as files.</summary>
public sealed class SecretFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-secrets-");

    [Theory]
    [InlineData("SECRET")]
    [InlineData("SECRET\n")]
    [InlineData("SECRET\r\n")]
    public void The_content_without_its_last_line_break_is_the_secret(string content)
    {
        Write("secret", content);

        var config = Load(Upstream("api_key_file = 'secret'") + Basic("secret") + "[server]\nbearer_token_file = 'secret'").Config!;

        config.Upstreams[0].Credentials.ApiKeyFile!.Content!.Reveal().Should().Be("SECRET");
        config.Upstreams[1].Credentials.BasicPassFile!.Content!.Reveal().Should().Be("SECRET");
        config.Server.BearerTokenFile!.Content!.Reveal().Should().Be("SECRET");
        AccessToken.Read(config.Server, _ => null).Should().Be("SECRET");
    }

    [Fact]
    public void Absolute_paths_and_links_of_links_are_followed()
    {
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "..v1"));
        Write("..v1/key", "SECRET");
        Directory.CreateSymbolicLink(Path.Combine(_directory.FullName, "..data"), "..v1");
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "key"), "..data/key");

        Load(Upstream($"api_key_file = '{Path.Combine(_directory.FullName, "key")}'")).Config!.Upstreams[0].Credentials.ApiKeyFile!.Content!.Reveal().Should().Be("SECRET");
    }

    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("no/such/directory", "does not exist")]
    [InlineData("loop", "cannot be read")]
    [InlineData("empty", "is empty")]
    [InlineData("blank", "nothing but whitespace")]
    [InlineData("directory", "is a directory")]
    [InlineData("pipe", "a pipe or a device")]
    [InlineData("large", "larger than 64 KiB")]
    [InlineData("huge", "larger than 1024 KiB")]
    [InlineData("latin", "no UTF-8 text")]
    [InlineData("lines", "holds a line break")]
    [InlineData("mark", "invisible character, U+FEFF")]
    [InlineData("hidden", "invisible character, U+200B")]
    [InlineData("nul", "invisible character, U+0000")]
    [InlineData("/dev/zero", "a pipe or a device")]
    [InlineData("nul\\u0000name", "cannot exist")]
    public void What_is_no_secret_is_named_and_not_shown(string file, string problem)
    {
        Write("empty", "");
        Write("blank", " \n\n");
        Write("large", new string('S', 64 * 1024 + 1));
        Write("huge", new string('S', 1024 * 1024 + 1));
        File.WriteAllBytes(Path.Combine(_directory.FullName, "latin"), [.. "SECRET"u8, 0xE9]);
        Write("lines", "SEC\nRET\n");
        Write("mark", "\uFEFFSECRET");
        Write("hidden", "SEC\u200BRET");
        Write("nul", "SEC\0RET");
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "directory"));
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "loop"), "loop");
        using (var mkfifo = Process.Start("mkfifo", Path.Combine(_directory.FullName, "pipe")))
        {
            mkfifo.WaitForExit();
        }

        // An upstream without its key is one that cannot be called; a gateway without its token would be open.
        var upstream = Load(Upstream($"api_key_file = \"{file}\""));
        var token = Load($"[server]\nbearer_token_file = \"{file}\"");

        upstream.Errors.Should().BeEmpty();
        var warning = upstream.Warnings.Should().ContainSingle().Which;
        (warning.Key, warning.Line).Should().Be(("upstreams.u.api_key_file", 6));
        upstream.Config!.Upstreams[0].Credentials.ApiKeyFile!.Content.Should().BeNull();
        token.Config.Should().BeNull();
        var error = token.Errors.Should().ContainSingle().Which;
        (error.Key, error.Line, error.Column).Should().Be(("server.bearer_token_file", 2, 21));
        foreach (var text in new[] { warning.ToString(), error.ToString() })
        {
            text.Should().Contain(problem).And.NotContainAny("SEC", "RET");
        }
    }

    [Theory]
    [InlineData("bearer_token_env = 'NOT_THERE'", "NOT_THERE is not set")]
    [InlineData("bearer_token_env = 'BLANK'", "BLANK holds no token")]
    [InlineData("bearer_token_env = 'BLANK'\nbearer_token = '${BLANK}'", "BLANK holds no token")]
    [InlineData("bearer_token = '${BLANK}'", "stands for nothing")]
    public void A_token_that_is_named_and_not_there_is_an_error(string lines, string problem)
    {
        var error = Loading.Error($"[server]\n{lines}", ("BLANK", " \n"));

        error.Message.Should().Contain(problem);
        error.Hint.Should().Contain("anyone who reaches the port may call");
    }

    [Fact]
    public void A_token_in_a_file_that_nobody_can_send_is_an_error_and_not_shown()
    {
        Write("token", "S\u00c9SAME\n");

        var error = Load("[server]\nbearer_token_file = 'token'").Errors.Should().ContainSingle().Which;
        var beside = Load("[server]\nbearer_token_file = 'token'\nbearer_token = 'written'");

        error.Key.Should().Be("server.bearer_token_file");
        error.ToString().Should().Contain("outside ASCII").And.NotContain("SAME");
        beside.Warnings.Should().ContainSingle().Which.Message.Should().Contain("outside ASCII");
        AccessToken.Read(beside.Config!.Server, _ => null).Should().Be("written");
    }

    [Theory]
    [InlineData("bearer_token_env = 'NOT_THERE'\nbearer_token = 't'", "server.bearer_token_env")]
    [InlineData("bearer_token_file = 'not-there'\nbearer_token = 't'", "server.bearer_token_file")]
    [InlineData("bearer_token_file = 'not-there'\nbearer_token_env = 'TOKEN'", "server.bearer_token_file")]
    public void Beside_another_token_it_is_a_warning(string lines, string key)
    {
        var result = Loading.Load($"[server]\n{lines}", ("TOKEN", "t"));

        result.Warnings.Should().ContainSingle().Which.Key.Should().Be(key);
        AccessToken.Read(result.Config!.Server, name => name == "TOKEN" ? "t" : null).Should().Be("t");
    }

    [Fact]
    public void A_variable_beats_the_file_and_the_file_what_is_written()
    {
        Write("token", "from-file");
        var server = Load("[server]\nbearer_token_env = 'T'\nbearer_token_file = 'token'\nbearer_token = 'written'", ("T", "from-env")).Config!.Server;

        AccessToken.Read(server, _ => "from-env").Should().Be("from-env");
        AccessToken.Read(server, _ => null).Should().Be("from-file");
    }

    [Fact]
    public void A_token_that_is_gone_after_all_matches_nothing()
    {
        AccessToken.Read(new ServerConfig { BearerTokenEnv = "GONE" }, _ => null).Should().BeEmpty();
        AccessToken.Read(new ServerConfig { BearerTokenFile = new SecretFile("gone") }, _ => null).Should().BeEmpty();
        AccessToken.Read(new ServerConfig(), _ => null).Should().BeNull();
    }

    [Theory]
    [InlineData("basic_auth_user = 'u'\nbasic_auth_pass_file = 'f'\nbasic_auth_pass = 'p'", "upstreams.u.basic_auth_pass_file", "twice")]
    [InlineData("basic_auth_user = 'u'\nbasic_auth_pass_file = 'f'\nbasic_auth_pass_env = 'P'", "upstreams.u.basic_auth_pass_file", "twice")]
    [InlineData("basic_auth_pass_file = 'f'", "upstreams.u.basic_auth_pass_file", "no user")]
    [InlineData("api_key_file = 'f'\nbasic_auth_user = 'u'\nbasic_auth_pass = 'p'", "upstreams.u.basic_auth_user", "not both")]
    [InlineData("api_key_file = ''", "upstreams.u.api_key_file", "the path of a file")]
    [InlineData("api_key_file = 7", "upstreams.u.api_key_file", "the path of a file")]
    public void Refused_settings_name_key_and_reason(string lines, string key, string message)
    {
        Write("f", "x");

        var problem = Load(Upstream(lines), ("P", "p")).Errors.Should().ContainSingle().Which;

        problem.Key.Should().Be(key);
        problem.Message.Should().Contain(message);
    }

    [Fact]
    public void The_effective_configuration_shows_the_path_and_not_the_content()
    {
        Write("f", "SECRET");
        var config = Load(Upstream("api_key_file = 'f'") + Basic("f") + "[server]\nbearer_token_file = '${SECRETS}/f'", ("SECRETS", _directory.FullName)).Config!;

        var text = EffectiveConfigWriter.Write(config);

        text.Should().NotContain("SECRET").And.Contain("api_key_file = \"f\"").And.Contain("basic_auth_pass_file = \"f\"")
            .And.Contain($"bearer_token_file = \"{Path.Combine(_directory.FullName, "f")}\"");
        config.ToString().Should().NotContain("SECRET");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Upstream(string lines) =>
        $"[upstreams.u]\nmodel_id = 'm'\nbase_url = 'http://u.test/v1'\ncontext = 8192\nmax_output = 512\n{lines}\n";

    private static string Basic(string file) =>
        $"[upstreams.b]\nmodel_id = 'm'\nbase_url = 'http://u.test/v1'\ncontext = 8192\nmax_output = 512\nbasic_auth_user = 'u'\nbasic_auth_pass_file = '{file}'\n";

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_directory.FullName, name), content);

    private ConfigResult Load(string text, params (string Name, string Value)[] environment)
    {
        Write("m.toml", text);
        return ConfigLoader.Load(Path.Combine(_directory.FullName, "m.toml"), name => environment.FirstOrDefault(v => v.Name == name).Value);
    }
}
