using Synthwave.Upstreams.Connections;

namespace Synthwave.UnitTests.Upstreams.Connections;

public sealed class UpstreamEndpointTests
{
    [Theory]
    [InlineData("::not-a-url")]
    [InlineData("/v1")]
    [InlineData("http://")]
    [InlineData("localhost:8000/v1")]
    [InlineData("ftp://host/v1")]
    [InlineData("")]
    public void Anything_but_an_absolute_http_url_is_refused(string url) => UpstreamEndpoint.Parse(url).Should().BeNull();

    [Theory]
    [InlineData("http://host:8000/v1", "http://host:8000/v1/models")]
    [InlineData("http://host:8000/v1///", "http://host:8000/v1/models")]
    [InlineData("https://host", "https://host/models")]
    [InlineData("https://host/openai?api-version=1", "https://host/openai/models?api-version=1")]
    public void Path_is_appended_to_the_base(string url, string expected) => UpstreamEndpoint.Parse(url)!.At("/models").AbsoluteUri.Should().Be(expected);

    [Theory]
    [InlineData("http://host/v1", "http://host/v1/models?after=x")]
    [InlineData("http://host/v1?a=b", "http://host/v1/models?a=b&after=x")]
    public void Further_query_is_joined_to_the_bases_own(string url, string expected) =>
        UpstreamEndpoint.Parse(url)!.At("/models", "after=x").AbsoluteUri.Should().Be(expected);
}
