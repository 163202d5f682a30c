using System.Net.Sockets;
using System.Security.Authentication;
using Synthwave.TestKit;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;

namespace Synthwave.UnitTests.Upstreams.Calls;

public sealed class TransportFaultTests
{
    [Fact]
    public void A_connection_that_is_gone_before_it_is_used_is_a_fault_whose_request_may_be_sent_again()
    {
        using var clock = new CallClock(new ManualTimeProvider(), TimeSpan.FromSeconds(10), CancellationToken.None);

        var fault = TransportFault.From(new SocketException((int)SocketError.NotConnected), clock, null);

        fault.Should().Match<UpstreamFault>(f => f.Kind == UpstreamFaultKind.Unreachable && f.DuringConnect && f.Trouble == TransportTrouble.Reset && !f.WasWorkedOn);
        fault!.IsRetryable().Should().BeTrue();
    }

    [Theory]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: NotTimeValid", "TlsExpired")]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: NotTimeValid, UntrustedRoot", "TlsExpired")]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot", "TlsAuthority")]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: PartialChain", "TlsAuthority")]
    [InlineData("The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch, RemoteCertificateChainErrors", "TlsName")]
    [InlineData("Cannot determine the frame size or a corrupted frame was received.", "NotTls")]
    [InlineData("Authentication failed, see inner exception.", "Tls")]
    public void What_is_wrong_with_tls_is_found_out(string message, string trouble)
    {
        var exception = new HttpRequestException(HttpRequestError.SecureConnectionError, "The SSL connection could not be established, see inner exception.", new AuthenticationException(message));

        TransportFault.TroubleOf(exception).ToString().Should().Be(trouble);
    }

    [Fact]
    public void A_handshake_that_breaks_off_is_about_tls() =>
        TransportFault.TroubleOf(new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new IOException("unexpected EOF"))).Should().Be(TransportTrouble.Tls);

    [Fact]
    public void Every_trouble_that_is_known_has_a_label_and_words()
    {
        var known = Enum.GetValues<TransportTrouble>().Where(t => t is not TransportTrouble.Unknown).ToArray();

        known.Select(t => t.Label()).Should().NotContainNulls().And.OnlyHaveUniqueItems();
        known.Select(t => t.Words()).Should().NotContainNulls().And.OnlyHaveUniqueItems();
    }
}
