using Microsoft.AspNetCore.Http;
using Synthwave.Api.Admission;

namespace Synthwave.UnitTests.Api.Admission;

public sealed class CredentialPrintTests
{
    [Fact]
    public void One_credential_is_the_same_in_whichever_header_it_comes()
    {
        var print = Of(("Authorization", "Bearer one"));

        print.Should().MatchRegex("^[0-9A-F]{64}$");
        Of(("x-api-key", "one")).Should().Be(print);
        Of(("api-key", " one ")).Should().Be(print);
        Of(("Authorization", "bearer one"), ("x-api-key", "one")).Should().Be(print);
    }

    [Fact]
    public void Others_have_other_prints()
    {
        string?[] prints =
        [
            Of(("Authorization", "Bearer one")), Of(("Authorization", "Bearer two")), Of(("Authorization", "Bearer one"), ("x-api-key", "two")), Of(("Authorization", "Bearer one"), ("x-api-key", "three")),
            Of(("Authorization", "Basic one")), .. Enumerable.Range(0, 200).Select(i => Of(("api-key", $"key {i}"))),
        ];

        prints.Should().OnlyHaveUniqueItems();
        Of(("Authorization", "Bearer one")).Should().Be(prints[0], "however many came between");
        Of(("Authorization", "Bearer ")).Should().BeNull();
        Of().Should().BeNull();
    }

    private static string? Of(params (string Name, string Value)[] headers)
    {
        var all = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            all.Append(name, value);
        }

        return CredentialPrint.Of(all);
    }
}
