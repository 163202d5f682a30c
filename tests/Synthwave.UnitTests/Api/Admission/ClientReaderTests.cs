using System.Net;
using Microsoft.AspNetCore.Http;
using Synthwave.Api.Admission;
using Synthwave.Chat;

namespace Synthwave.UnitTests.Api.Admission;

public sealed class ClientReaderTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1", null, false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void A_client_is_its_network(string one, string? other, bool same)
    {
        Read(one).Equals(Read(other)).Should().Be(same);
        (ClientReader.Name(Read(one)) == ClientReader.Name(Read(other))).Should().Be(same);
    }

    [Theory]
    [InlineData("Authorization", "Bearer one")]
    [InlineData("x-api-key", "one")]
    public void What_it_shows_does_not_make_it_another(string header, string value) => Read("10.0.0.1", (header, value)).Should().Be(Read("10.0.0.1"));

    [Fact]
    public void Places_are_held_by_client_and_given_back()
    {
        var places = new ClientPlaces();
        var (one, other) = (Read("10.0.0.1"), Read("10.0.0.2"));

        places.TryEnter(one, 2).Should().BeTrue();
        places.TryEnter(one, 2).Should().BeTrue();
        places.TryEnter(one, 2).Should().BeFalse();
        places.TryEnter(other, 2).Should().BeTrue();
        places.Leave(one);
        places.TryEnter(one, 2).Should().BeTrue();
    }

    private static ClientIdentity Read(string? address, params (string Name, string Value)[] headers)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        foreach (var (name, value) in headers)
        {
            http.Request.Headers[name] = value;
        }

        return ClientReader.Read(http);
    }
}
