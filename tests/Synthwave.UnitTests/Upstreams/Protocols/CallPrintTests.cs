using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public sealed class CallPrintTests
{
    [Theory]
    [InlineData("call_9pw1qnScqvGrCH58HWCvFH6K", true)]
    [InlineData("call_00_Zp3hV5cQ2mB8nYxR7tLw", true)]
    [InlineData("chatcmpl-tool-f227417118b24070b61554cc4416aba9", true)]
    [InlineData("toolu_01A09q90qw90lq917835lq9", true)]
    [InlineData("call_0", false)]
    [InlineData("functions.get_current_weather:3", false)]
    [InlineData("call_get_current_weather_in_2_cities_1", false)]
    [InlineData("functions.getForecastFor14DaysInCity:0", false)]
    [InlineData("0000000000000000000000001", false)]
    [InlineData("abcdefghijklmnopqrstuvwxyz", false)]
    [InlineData("", false)]
    public void Ids_that_count_are_told_from_ids_that_are_random(string id, bool isUnique) =>
        CallPrint.IsUnique(id, id.Contains("14Days", StringComparison.Ordinal) ? "getForecastFor14DaysInCity" : "get_current_weather").Should().Be(isUnique);

    [Fact]
    public void A_print_tells_places_and_arguments_apart_but_not_spellings()
    {
        CallPrint.OfId("o", "a", "f", "{}", [1]).Should().NotBe(CallPrint.OfId("o", "a", "f", "{}", [2])).And.NotBe(CallPrint.OfId("o", "a", "f"))
            .And.NotBe(CallPrint.OfId("o", "a", "f", """{"a":1}""", [1])).And.NotBe(CallPrint.OfId("o", "a", "g", "{}", [1])).And.Be(CallPrint.OfId("o", "a", "f", "", [1]));
        CallPrint.OfCall("o", "f", """{"a":1,"b":"\u00e9"}""", [1]).Should().Be(CallPrint.OfCall("o", "f", """{ "b": "é", "a": 1.0 }""", [1]));
        CallPrint.OfCall("o", "f", "{}", [1]).Should().NotBe(CallPrint.OfCall("o", "f", """{"a":1}""", [1])).And.NotBe(CallPrint.OfCall("o", "g", "{}", [1]));
    }

    [Fact]
    public void What_is_ones_own_has_another_print_for_everybody_else()
    {
        string?[] owners = ["alice", "bob", null];

        owners.Select(o => CallPrint.OfId(o, "a", "f")).Should().OnlyHaveUniqueItems();
        owners.Select(o => CallPrint.OfId(o, "a", "f", "{}", [1])).Should().OnlyHaveUniqueItems();
        owners.Select(o => CallPrint.OfCall(o, "f", "{}", [1])).Should().OnlyHaveUniqueItems();
    }
}
