using System.Net;
using Microsoft.AspNetCore.Http;
using Synthwave.Api.Admission;
using Synthwave.Chat;

namespace Synthwave.UnitTests.Api.Admission;

public sealed class ClientReaderTests
{
    private const string Token = "gateway-token";

    [Theory]
    [InlineData("Authorization", "Bearer one")]
    [InlineData("Authorization", "bearer   one  ")]
    [InlineData("x-api-key", "one")]
    [InlineData("api-key", " one ")]
    public void A_credential_is_its_holder_however_it_is_shown(string header, string value)
    {
        var client = Read(Token, "10.0.0.1", (header, value));

        client.Should().Be(Read(null, "10.0.0.2", ("Authorization", "Bearer one")));
        client.GetHashCode().Should().Be(Read(null, "10.0.0.2", ("x-api-key", "one")).GetHashCode());
        client.Should().NotBe(Read(null, "10.0.0.1", ("x-api-key", "two"))).And.NotBe(Read(null, "10.0.0.1"));
    }

    [Theory]
    [InlineData("Authorization", "Bearer gateway-token")]
    [InlineData("x-api-key", "gateway-token")]
    public void The_gateways_own_token_says_nothing_about_who_shows_it(string header, string value)
    {
        var client = Read(Token, "10.0.0.1", (header, value), ("api-key", "another one each time"));

        client.Should().Be(Read(Token, "10.0.0.1")).And.NotBe(Read(Token, "10.0.0.2"));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Without_a_credential_it_is_the_network(string one, string other, bool same)
    {
        Read(null, one).Equals(Read(null, other)).Should().Be(same);
    }

    [Theory]
    [InlineData("Authorization", "Basic dTpw")]
    [InlineData("Authorization", "Bearer")]
    [InlineData("x-api-key", "  ")]
    public void What_is_no_credential_does_not_count(string header, string value) => Read(null, "10.0.0.1", (header, value)).Should().Be(Read(null, "10.0.0.1"));

    [Fact]
    public void A_name_tells_clients_apart_and_nothing_of_their_credentials()
    {
        var (shown, other, bare) = (Read(null, "10.0.0.1", ("x-api-key", "sk-SECRET")), Read(null, "10.0.0.1", ("x-api-key", "sk-OTHER")), Read(null, "10.0.0.1"));

        new[] { shown, other, bare }.Select(c => ClientReader.Name(c)).Should().OnlyHaveUniqueItems().And.NotContain(n => n.Contains("sk-", StringComparison.Ordinal));
        ClientReader.Name(shown).Should().Be(ClientReader.Name(Read(null, "10.0.0.9", ("Authorization", "Bearer sk-SECRET"))));
        shown.ToString().Should().NotContain("SECRET");
    }

    [Fact]
    public void Places_are_held_by_client_and_given_back()
    {
        var places = new ClientPlaces();
        var (one, other) = (Read(null, "10.0.0.1"), Read(null, "10.0.0.2"));

        places.TryEnter(one, 2).Should().BeTrue();
        places.TryEnter(one, 2).Should().BeTrue();
        places.TryEnter(one, 2).Should().BeFalse();
        places.TryEnter(other, 2).Should().BeTrue();
        places.Leave(one);
        places.TryEnter(one, 2).Should().BeTrue();
    }

    private static ClientIdentity Read(string? token, string address, params (string Name, string Value)[] headers)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(address);
        foreach (var (name, value) in headers)
        {
            http.Request.Headers[name] = value;
        }

        return ClientReader.Read(http, token);
    }
}
