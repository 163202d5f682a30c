using Synthwave.Telemetry;

namespace Synthwave.UnitTests.Telemetry;

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
}
