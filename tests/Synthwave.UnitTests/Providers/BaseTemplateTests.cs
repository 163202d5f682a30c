using Synthwave.Providers;

namespace Synthwave.UnitTests.Providers;

public sealed class BaseTemplateTests
{
    [Theory]
    [InlineData("https://a.test/v1", "https://a.test/v1")]
    [InlineData("https://${NAME}.a.test/${ID}/v1", "https://res-1.a.test/ab_c.9/v1")]
    [InlineData("https://a.test/deployments/{model}?api-version=${V:-2024-10-21}", "https://a.test/deployments/org%2Fm%3Fx%20y?api-version=2024-10-21")]
    [InlineData("https://a.test?api-version=${ID:-1}", "https://a.test?api-version=ab_c.9")]
    public void Variables_and_the_model_are_filled_in(string template, string url) =>
        BaseTemplate.Fill(template, "org/m?x y", Environment).Should().Be(new BaseTemplate.Filled(url));

    [Fact]
    public void What_is_missing_is_named()
    {
        BaseTemplate.Fill("https://${NAME}.a.test/${MISSING}/v1", "m", Environment).Should().Be(new BaseTemplate.Filled(null, "MISSING"));
        BaseTemplate.Fill("https://a.test/${BLANK}", "m", Environment).Should().Be(new BaseTemplate.Filled(null, "BLANK"));
        BaseTemplate.VariablesIn("https://${NAME}.a.test/${V:-1}/{model}").Should().Equal("NAME", "V");
    }

    // The key goes where the URL says.
    [Theory]
    [InlineData("evil.test/x")]
    [InlineData("evil.test")]
    [InlineData("evil@test")]
    [InlineData("a:8080")]
    [InlineData("a#")]
    [InlineData("a?b")]
    [InlineData("a b")]
    [InlineData("é")]
    public void A_value_cannot_move_the_host(string value) =>
        BaseTemplate.Fill("https://${NAME}.a.test/v1", "m", _ => value).Should().Be(new BaseTemplate.Filled(null, "NAME", IsUnusable: true));

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a?b")]
    [InlineData("a&b")]
    public void A_value_cannot_leave_its_place_in_the_path(string value) =>
        BaseTemplate.Fill("https://a.test/accounts/${NAME}/v1", "m", _ => value).Should().Be(new BaseTemplate.Filled(null, "NAME", IsUnusable: true));

    private static string? Environment(string name) => name switch { "NAME" => "res-1", "ID" => " ab_c.9 ", "BLANK" => " ", _ => null };
}
