using System.Net.Sockets;
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
}
