using System.Net.Sockets;
using Synthwave.Commands;

namespace Synthwave.UnitTests.Commands;

public class ListenFailureTests
{
    private static readonly string[] Urls = ["http://127.0.0.1:8400", "http://127.0.0.1:8401"];

    [Theory]
    [InlineData(SocketError.AddressAlreadyInUse, "the port is in use; stop what listens there or choose another port")]
    [InlineData(SocketError.AccessDenied, "this user may not listen there; choose a port from 1024 up")]
    [InlineData(SocketError.AddressNotAvailable, "this machine has no such address")]
    [InlineData(SocketError.HostNotFound, "the host name cannot be resolved")]
    [InlineData(SocketError.TryAgain, "the host name cannot be resolved")]
    public void The_reason_is_worded_wherever_it_hides(SocketError error, string reason)
    {
        Exception[] forms =
        [
            new SocketException((int)error),
            new IOException("x", new SocketException((int)error)),
            new IOException("x", new AggregateException(new InvalidOperationException(), new IOException("y", new SocketException((int)error)))),
        ];

        forms.Select(f => ListenFailure.Explain(f, Urls[..1])).Should().OnlyContain(s => s == $"synthwave: cannot listen on http://127.0.0.1:8400: {reason}.");
    }

    [Fact]
    public void The_address_in_question_is_named_when_it_is_known() =>
        ListenFailure.Explain(new IOException("Failed to bind to address http://127.0.0.1:8401: address already in use.", new SocketException((int)SocketError.AddressAlreadyInUse)), Urls)
            .Should().StartWith("synthwave: cannot listen on http://127.0.0.1:8401: ");

    [Fact]
    public void All_addresses_are_named_when_it_is_not() =>
        ListenFailure.Explain(new SocketException((int)SocketError.AddressNotAvailable), Urls).Should().Contain("http://127.0.0.1:8400, http://127.0.0.1:8401");
}
