using System.Globalization;
using System.Text;
using Synthwave.Chat.Events;
using Synthwave.Sse;
using Synthwave.TestKit;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Proof.Fuzz.Targets;

/// <summary>An event stream, read whole and in pieces, which must come to the same; then as each provider's stream.</summary>
internal sealed class SseTarget : IFuzzTarget, IDisposable
{
    private const int MostEvents = 8;

    private readonly TestGateway _gateway;
    private readonly IReadOnlyList<IUpstreamProtocol> _protocols;

    public SseTarget()
    {
        _gateway = FuzzGateway.Start();
        _protocols = [.. Circuits.Upstreams(_gateway).Select(static u => UpstreamProtocols.Of(u.Config, u.State, TimeProvider.System))];
    }

    public string Name => "sse";

    public IReadOnlyList<string> Words { get; } =
    [
        "data: ", "data:", "data", "event: ", "event: error\n", "id: 1\n", "retry: 1\n", ":", ": comment\n\n", "\n\n", "\r\n\r\n", "\r\r", "\r", "\n", "\ufeff", "data: [DONE]\n\n", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n", "\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"",
        "data: {\"error\":{\"message\":\"x\"}}\n\n", "\"finish_reason\":\"stop\"", "\"usage\":{\"prompt_tokens\":1}", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n", "\"type\":\"content_block_start\"", "\"type\":\"content_block_delta\"", "\"type\":\"message_delta\"", "\"type\":\"message_stop\"", "\"index\":", "\"thinking_delta\"", "\"signature_delta\"", "\"input_json_delta\"", "\"partial_json\":\"{\"",
    ];

    public string Read(byte[] input)
    {
        var (whole, said) = Events(input, int.MaxValue);
        var (pieces, _) = Events(input, piece: input.Length > 0 ? 1 + (input[0] % 7) : 1);
        if (!whole.SequenceEqual(pieces, StringComparer.Ordinal))
        {
            throw new InvalidOperationException($"In pieces it is something else: {whole.Count} events and {pieces.Count}.");
        }

        return string.Join('|', [said, .. _protocols.Select(p => As(p, input))]);
    }

    public void Dispose() => FuzzGateway.Stop(_gateway);

    // Every event but stray blank lines, which a cut inside a line end makes more or fewer.
    private static (List<string> Events, string Said) Events(byte[] input, int piece)
    {
        using var reader = new SseEventReader(new PieceStream(input, piece), maxEventBytes: 16 * 1024);
        var events = new List<string>();
        while (true)
        {
            if (reader.TryRead())
            {
                if (reader.Kind is not SseEventKind.Empty)
                {
                    events.Add($"{reader.Kind} {Convert.ToHexString(reader.Data.Span)}");
                }
            }
            else if (reader.End is not SseEnd.None)
            {
                return (events, string.Create(CultureInfo.InvariantCulture, $"{Math.Min(events.Count, MostEvents)} {reader.End}"));
            }
            else
            {
                Fill(reader.FillAsync(CancellationToken.None));
            }
        }
    }

    private static string As(IUpstreamProtocol protocol, byte[] input)
    {
        using var events = protocol.ReadEvents(new PieceStream(input, 1000));
        var said = new StringBuilder();
        for (var count = 0; ;)
        {
            var reading = events.Read();
            switch (reading)
            {
                case EventReading.Event when events.Current.Kind is StreamEventKind.Done:
                    // Nobody reads on behind it.
                    return said.Append(" done").ToString();
                case EventReading.Event when ++count > input.Length + 1:
                    throw new InvalidOperationException("More events than bytes.");
                case EventReading.Event:
                    said.Append(count <= MostEvents ? events.Current.Kind.ToString()[..1] : "");
                    break;
                case EventReading.Pending:
                    Fill(events.FillAsync(CancellationToken.None));
                    break;
                default:
                    return said.Append(' ').Append(reading).ToString();
            }
        }
    }

    // The bytes are all here: nothing is waited for.
    private static void Fill(ValueTask filling)
    {
        if (!filling.IsCompleted)
        {
            throw new InvalidOperationException("A read of bytes that are here waits.");
        }

        filling.GetAwaiter().GetResult();
    }
}
