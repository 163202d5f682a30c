using Microsoft.Extensions.Time.Testing;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;

namespace Synthwave.UnitTests.Hosting;

public sealed class ReloadRulesTests : IDisposable
{
    private const string Upstream = "[upstreams.u]\nmodel_id = 'm'\nbase_url = 'http://u.test/v1'\ncontext = 8192\nmax_output = 512\n";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-rules-");

    [Theory]
    [InlineData("bearer_token = 'a'", "", "names no token any more")]
    [InlineData("bearer_token_env = 'TOKEN'", "", "names no token any more")]
    [InlineData("bearer_token_file = 'token'", "port = 9000", "names no token any more")]
    [InlineData("bearer_token = 'a'", "bearer_token = ''", null)]
    [InlineData("bearer_token = 'a'", "bearer_token = '  '", null)]
    [InlineData("bearer_token = 'a'", "bearer_token = 'b'", null)]
    [InlineData("bearer_token = 'a'", "bearer_token_env = 'TOKEN'", null)]
    [InlineData("port = 9000", "", null)]
    [InlineData("", "bearer_token = 'a'", null)]
    public void A_token_goes_away_only_where_that_is_written(string running, string next, string? refusal)
    {
        Contains(Check($"[server]\n{running}\n{Upstream}", $"[server]\n{next}\n{Upstream}").Refusal, refusal).Should().BeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# nothing here yet\n")]
    public void An_empty_file_is_never_taken(string next) => Check(Upstream, next).Refusal.Should().Contain("holds no table");

    [Fact]
    public void A_gateway_that_began_empty_may_stay_so() => Check("", "# still nothing").Should().Be((null, null));

    [Theory]
    [InlineData("[server]\nport = 9000\n" + Upstream, Upstream, "lost its [server] table")]
    [InlineData("server = { port = 9000 }\n" + Upstream, Upstream, "lost its [server] table")]
    [InlineData("[server]\n" + Upstream, "[server]\nport = 1\n", "less than half")]
    [InlineData(Upstream, "[server]\n", "less than half")]
    [InlineData("[server]\n" + Upstream, "[server]\nport = 9000\n" + Upstream, null)]
    [InlineData(Upstream, "[server]\n" + Upstream, null)]
    public void What_looks_half_written_is_doubted(string running, string next, string? doubt)
    {
        Contains(Check(running, next).Doubt, doubt).Should().BeTrue();
    }

    [Theory]
    [InlineData("a-long-token-1234", "a-long", "names token, which is less than half")]
    [InlineData("a-long-token-1234", "another-token-12", null)]
    [InlineData("a-long", "a-long-token-1234", null)]
    public void A_token_file_that_looks_half_written_is_doubted(string running, string next, string? doubt)
    {
        const string Named = "[server]\nbearer_token_file = 'token'\n" + Upstream;

        Contains(ReloadRules.Doubt(Load(Named, running), Load(Named, next)), doubt).Should().BeTrue();
    }

    [Fact]
    public void The_same_must_be_read_twice()
    {
        var time = new FakeTimeProvider();
        var settled = new SettledRead(time);

        settled.Note([File(1)]).Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        settled.Note([File(2)]).Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        settled.Note([File(2)]).Should().BeTrue();
        settled.Age.Should().Be(TimeSpan.FromSeconds(1));
        settled.Note([File(2), File(3)]).Should().BeFalse();
    }

    [Fact]
    public void What_was_read_is_announced_once()
    {
        var settled = new SettledRead(new FakeTimeProvider());
        settled.Note([File(1)]);

        (settled.Announce(), settled.Announce()).Should().Be((true, false));
        settled.Note([File(2)]);
        settled.Announce().Should().BeTrue();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static bool Contains(string? text, string? part) => part is null ? text is null : text?.Contains(part, StringComparison.Ordinal) is true;

    private static SourceFile File(byte content) => new("f", new byte[] { content });

    private (string? Refusal, string? Doubt) Check(string running, string next)
    {
        var (before, after) = (Load(running), Load(next));
        return (ReloadRules.Refusal(before, after, ["http://127.0.0.1:8400"], Environment), ReloadRules.Doubt(before, after));
    }

    private static string? Environment(string name) => name == "TOKEN" ? "t" : null;

    private GatewayConfig Load(string text, string token = "t")
    {
        System.IO.File.WriteAllText(Path.Combine(_directory.FullName, "token"), token);
        System.IO.File.WriteAllText(Path.Combine(_directory.FullName, "m.toml"), text);
        var result = ConfigLoader.Load(Path.Combine(_directory.FullName, "m.toml"), Environment);
        result.Errors.Should().BeEmpty();
        return result.Config!;
    }
}
