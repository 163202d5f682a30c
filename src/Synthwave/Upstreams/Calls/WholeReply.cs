using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Calls;

/// <summary>Reads a whole reply of one call.</summary>
internal static class WholeReply
{
    /// <summary>As the protocol does. What it says of an error is read again without the secrets that are known, since it will be told.</summary>
    public static ProtocolReply Read(CallInFlight call, IUpstreamProtocol protocol, int status, ReadOnlyMemory<byte> body)
    {
        var reading = protocol.ReadReply(status, body, call.Asked);
        if (reading.Reply is not FaultedUpstreamReply { Fault: { Sentence.Length: > 0 } fault })
        {
            return reading;
        }

        var told = call.Understand(body, protocol.ReadErrorEvent);
        return reading with { Reply = new FaultedUpstreamReply(fault with { Sentence = told.Sentence, ErrorBody = told.ErrorBody }) };
    }
}
