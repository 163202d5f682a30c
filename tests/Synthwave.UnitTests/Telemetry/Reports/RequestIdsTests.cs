using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Reports;

public class RequestIdsTests
{
    [Fact]
    public void Ids_are_a_prefix_and_twenty_four_lower_case_digits()
    {
        var ids = Enumerable.Range(0, 100).Select(_ => RequestIds.New()).ToArray();

        ids.Should().OnlyHaveUniqueItems().And.AllSatisfy(id => id.Should().MatchRegex("^metamodel-[0-9a-f]{24}$"));
    }

    [Theory]
    [InlineData("abc-123", "abc-123")]
    [InlineData("a b\r\nc", "a?b??c")]
    [InlineData("é", "?")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_clients_id_is_made_harmless(string? given, string? kept)
    {
        var record = new RequestRecord("POST", "/", DateTimeOffset.UnixEpoch, 0);

        record.SetClientRequestId(given);

        record.ClientRequestId.Should().Be(kept);
    }

    [Fact]
    public void A_clients_id_is_bounded()
    {
        var record = new RequestRecord("POST", "/", DateTimeOffset.UnixEpoch, 0);

        record.SetClientRequestId(new string('x', 10_000));

        record.ClientRequestId.Should().HaveLength(128);
    }

    [Fact]
    public void A_path_cannot_forge_log_lines() =>
        new RequestRecord("GET", "/a\r\nb\u001b[2J/é" + new string('x', 1000), DateTimeOffset.UnixEpoch, 0).Path
            .Should().StartWith("/a??b?[2J/éx").And.HaveLength(256);
}
