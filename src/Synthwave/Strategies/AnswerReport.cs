using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies;

/// <summary>Carries the facts of a committed answer into the reports when it ends or is given up.</summary>
/// <param name="call">The call whose text this is.</param>
/// <param name="dispatch">The request.</param>
/// <param name="owned">Disposed with the stream; null = nothing is.</param>
internal sealed class AnswerReport(CallReport call, Dispatch dispatch, IDisposable? owned) : IAnswerEnding
{
    public GatewayError? Note(CleanAnswerStream stream)
    {
        AnswerFacts.Of(stream).NoteIn(call, dispatch.Report);
        return stream.Failure is not null && dispatch.Clock.IsLatencyOver ? LatencyCap.StreamError : stream.Failure;
    }

    public void Dispose() => owned?.Dispose();
}
