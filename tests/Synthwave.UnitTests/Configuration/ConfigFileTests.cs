using System.Text;
using System.Text.Json;
using Synthwave.Commands;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.UnitTests.Configuration;

/// <summary>Files on disk: where they are looked for, what happens when they cannot be read, and the check command.</summary>
public sealed class ConfigFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("synthwave-config-");

    private string this[string name] => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("option.toml", "variable.toml", true, "option.toml")]
    [InlineData(null, "variable.toml", true, "variable.toml")]
    [InlineData(null, "", true, "meta-model.toml")]
    [InlineData(null, null, true, "meta-model.toml")]
    public void The_option_beats_the_variable_beats_the_default(string? option, string? variable, bool hasDefault, string expected)
    {
        Write("option.toml", "");
        Write("variable.toml", "");
        Write(hasDefault ? "meta-model.toml" : "other.toml", "");

        var location = Locate(option is null ? null : this[option], string.IsNullOrEmpty(variable) ? variable : this[variable]);

        location.Problem.Should().BeNull();
        location.Path.Should().Be(this[expected]);
    }

    [Theory]
    [InlineData("gone.toml", null, "gone.toml --config: the file does not exist")]
    [InlineData(null, "gone.toml", "gone.toml META_MODEL_CONFIG: the file does not exist")]
    public void A_named_file_that_is_missing_is_a_problem_although_the_default_exists(string? option, string? variable, string expected)
    {
        Write("meta-model.toml", "");

        var location = Locate(option is null ? null : this[option], variable is null ? null : this[variable]);

        location.Path.Should().BeNull();
        location.Problem!.ToString().Should().Contain(expected).And.Contain("synthwave init").And.Contain("synthwave demo");
    }

    [Fact]
    public void Nothing_found_is_a_problem_with_a_way_to_start()
    {
        Locate(null, null).Problem!.ToString().Should().Contain("no configuration").And.Contain("synthwave init").And.Contain("synthwave demo");
    }

    [Fact]
    public void A_directory_is_no_file()
    {
        ConfigLoader.Load(_folder.FullName, NoVariables).Errors.Should().ContainSingle().Which.Message.Should().Contain("directory");
    }

    [Fact]
    public void A_file_that_vanished_is_a_problem()
    {
        ConfigLoader.Load(this["gone.toml"], NoVariables).Errors.Should().ContainSingle().Which.Message.Should().Contain("does not exist");
    }

    [Fact]
    public void A_file_of_absurd_size_is_refused()
    {
        using (var file = File.Create(this["big.toml"]))
        {
            file.SetLength((4 * 1024 * 1024) + 1);
        }

        ConfigLoader.Load(this["big.toml"], NoVariables).Errors.Should().ContainSingle().Which.Message.Should().Contain("4 MiB");
    }

    [Fact]
    public void A_loaded_file_is_remembered()
    {
        Write("x.toml", "");

        ConfigLoader.Load(this["x.toml"], NoVariables).Config!.SourcePath.Should().Be(this["x.toml"]);
    }

    [Fact]
    public async Task Check_of_a_valid_file_says_so()
    {
        Write("x.toml", Loading.TwoUpstreams + "[profiles.p]\ntype = 'cascade'\nupstreams = ['a']");

        var (exit, output, error) = await Check("x.toml");

        exit.Should().Be(0);
        output.Should().Be($"{this["x.toml"]}: valid, 2 upstreams, 1 profile, 0 warnings\n");
        error.Should().BeEmpty();
    }

    [Theory]
    [InlineData("", 78, "nothing can be called")]
    [InlineData("[server]\nport = 9000", 78, "nothing can be called")]
    [InlineData(Loading.TwoUpstreams, 0, "defines no profile")]
    [InlineData("[server]\nhost = '0.0.0.0'\n" + Loading.TwoUpstreams, 78, "2:8 server.host: other machines can reach http://0.0.0.0:8400")]
    [InlineData("[server]\nhost = '0.0.0.0'\nallow_open = true\n" + Loading.TwoUpstreams, 0, "open to everybody: other machines can reach http://0.0.0.0:8400")]
    public async Task Check_calls_nothing_valid_that_does_not_serve(string text, int expected, string said)
    {
        Write("x.toml", text);

        var (exit, output, error) = await Check("x.toml");

        exit.Should().Be(expected);
        error.Should().Contain(said);
        output.Should().NotContain(": valid");
    }

    [Fact]
    public async Task Check_says_of_a_start_with_an_address_what_serve_would_say_of_it()
    {
        Write("x.toml", Loading.TwoUpstreams + "[server]\nhost = '127.0.0.1'\nport = 9000");
        async Task<(int Exit, string Output, string Error)> With(ListenArguments listen, bool effective = false)
        {
            using var output = new StringWriter { NewLine = "\n" };
            using var error = new StringWriter { NewLine = "\n" };
            var exit = await CheckCommand.RunAsync(new CheckArguments(this["x.toml"]) { Listen = listen, Effective = effective }, output, error, NoVariables, TimeProvider.System, default);
            return (exit, output.ToString(), error.ToString());
        }

        var open = await With(new("0.0.0.0"));
        var both = await With(new("::1", Urls: "http://[::]:80"));
        var own = await With(new("127.0.0.2", 9001), effective: true);

        open.Exit.Should().Be(78);
        open.Error.Should().Contain("--host: other machines can reach http://0.0.0.0:9000");
        (await With(new(Urls: "http://127.0.0.1:1;http://[::]:80"))).Error.Should().Contain("--urls: other machines can reach http://[::]:80");
        both.Exit.Should().Be(1);
        both.Error.Should().Contain("--urls cannot be combined");
        own.Exit.Should().Be(0);
        own.Output.Should().Contain("host = \"127.0.0.2\"  # command line --host").And.Contain("port = 9001  # command line --port");
    }

    [Fact]
    public async Task Check_says_that_words_are_kept()
    {
        Write("x.toml", Loading.TwoUpstreams + "[history]\ncontent = true");

        (await Check("x.toml")).Error.Should().Contain("prompts and answers are kept in memory");
    }

    [Fact]
    public async Task Flags_of_check_that_do_not_go_together_are_refused()
    {
        var error = new StringWriter();

        (await CheckCommand.RunAsync(new CheckArguments("x.toml") { Paid = true }, TextWriter.Null, error, NoVariables, TimeProvider.System, default)).Should().Be(1);
        (await CheckCommand.RunAsync(new CheckArguments("x.toml") { Live = true, Effective = true }, TextWriter.Null, error, NoVariables, TimeProvider.System, default)).Should().Be(1);
        error.ToString().Should().Contain("--paid goes with --live").And.Contain("--json");
    }

    [Fact]
    public async Task Check_prints_json_of_a_fixed_shape()
    {
        Write("x.toml", Loading.TwoUpstreams + "[server]\nport = 9000");
        using var output = new StringWriter();

        await CheckCommand.RunAsync(new CheckArguments(this["x.toml"]) { Json = true, Effective = true }, output, TextWriter.Null, NoVariables, TimeProvider.System, default);

        var root = JsonDocument.Parse(output.ToString()).RootElement;
        root.EnumerateObject().Select(m => m.Name).Should().Equal("config", "valid", "errors", "warnings", "effective");
        root.GetProperty("warnings")[0].EnumerateObject().Select(m => m.Name).Should().Equal("file", "message", "hint");
        var port = root.GetProperty("effective").EnumerateArray().Single(v => v.GetProperty("key").GetString() == "server.port");
        port.GetProperty("value").GetInt32().Should().Be(9000);
        port.GetProperty("origin").GetProperty("kind").GetString().Should().Be("file");
        port.GetProperty("origin").GetProperty("line").GetInt32().Should().Be(14);
    }

    [Fact]
    public async Task Check_prints_the_effective_configuration_and_nothing_else()
    {
        Write("x.toml", Loading.TwoUpstreams + "[server]\nport = 9000\nbearer_token = \"hush\"\n[vision]\ntwo_stage = true");

        var (exit, output, error) = await Check("x.toml", effective: true);

        exit.Should().Be(0);
        output.Should().NotContain("hush");
        Loading.Valid(output).Server.Port.Should().Be(9000);
        error.Should().Contain("vision.two_stage: warning: ");
    }

    [Fact]
    public async Task Check_of_an_invalid_file_prints_every_problem()
    {
        Write("x.toml", "[server]\nport = 0\nhots = 1");

        var (exit, output, error) = await Check("x.toml", effective: true);

        exit.Should().Be(78);
        output.Should().BeEmpty();
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().SatisfyRespectively(
            line => line.Should().StartWith($"{this["x.toml"]}:2:8 server.port: "),
            line => line.Should().StartWith($"{this["x.toml"]}:3:1 server.hots: "),
            line => line.Should().EndWith("2 errors, 0 warnings"));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 78)]
    public async Task Strict_makes_warnings_fatal(bool strict, int expected)
    {
        Write("x.toml", Loading.TwoUpstreams + "[vision]\ntwo_stage = true");

        var (exit, _, error) = await Check("x.toml", strict: strict);

        exit.Should().Be(expected);
        error.Should().Contain("warning: has no effect without endpoints");
    }

    [Fact]
    public async Task Check_of_nothing_is_a_configuration_problem()
    {
        var (exit, _, error) = await Check("gone.toml");

        exit.Should().Be(78);
        error.Should().Contain("gone.toml");
    }

    private static string? NoVariables(string name) => null;

    private ConfigLocation Locate(string? option, string? variable) =>
        ConfigLocator.Locate(option, name => name == ConfigLocator.PathVariable ? variable : null, _folder.FullName);

    private async Task<(int Exit, string Output, string Error)> Check(string file, bool effective = false, bool strict = false)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = await CheckCommand.RunAsync(new CheckArguments(this[file]) { Effective = effective, Strict = strict }, output, error, NoVariables, TimeProvider.System, default);
        return (exit, output.ToString(), error.ToString());
    }

    private void Write(string name, string text) => File.WriteAllText(this[name], text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
