using Synthwave.Api.Admission;

namespace Synthwave.UnitTests.Api.Admission;

public sealed class LocalNamesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:8400")]
    [InlineData("localhost.:8400")]
    [InlineData("127.0.0.1:8400")]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.1.20:8400")]
    [InlineData("[::1]:8400")]
    [InlineData("[fd00::1]")]
    [InlineData("gateway:8400")]
    [InlineData("gateway.localhost")]
    [InlineData("Mac.Local:8400")]
    [InlineData("synthwave.ai.svc.cluster.local:8400")]
    [InlineData("host.docker.internal")]
    [InlineData("nas.home.arpa:80")]
    public void Addresses_and_names_of_an_own_network_are_local(string host) => LocalNames.IsLocal(host).Should().BeTrue();

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8400")]
    [InlineData("evil.example.")]
    [InlineData("127.0.0.1.nip.io:8400")]
    [InlineData("localhost.evil.example")]
    [InlineData("evillocalhost.example")]
    [InlineData("notlocal.example:8400")]
    [InlineData("127.0.0.1.example")]
    [InlineData("10.0.0.x")]
    public void A_name_that_anybody_can_have_is_not(string host) => LocalNames.IsLocal(host).Should().BeFalse();

    [Theory]
    [InlineData("http://localhost", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://LocalHost:3000", true)]
    [InlineData("http://app.localhost:3000", true)]
    [InlineData("http://127.0.0.1:5173", true)]
    [InlineData("http://127.9.9.9", true)]
    [InlineData("http://[::1]:8400", true)]
    [InlineData("http://[::1]", true)]
    [InlineData("tauri://localhost", true)]
    [InlineData("null", false)]
    [InlineData("", false)]
    [InlineData("localhost", false)]
    [InlineData("://localhost", false)]
    [InlineData("file://", false)]
    [InlineData("http://evil.example", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("http://evil-localhost", false)]
    [InlineData("http://127.0.0.1.evil.example", false)]
    [InlineData("http://192.168.1.20:3000", false)]
    [InlineData("http://0.0.0.0:3000", false)]
    [InlineData("http://[fd00::1]:3000", false)]
    public void A_page_is_of_this_machine_by_its_host(string origin, bool expected) => LocalNames.IsLoopbackOrigin(origin).Should().Be(expected);
}
