namespace Synthwave.Telemetry.Reports;

/// <summary>Is told of the pieces of one streamed call's output. Used by the one task that reads the stream.</summary>
internal interface IPieceObserver
{
    /// <summary>A piece has arrived.</summary>
    void Note();
}
