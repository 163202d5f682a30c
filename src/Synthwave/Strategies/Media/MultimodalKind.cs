using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Media;

/// <summary>The server's endpoints for images, video or audio. What they did is in the report's own part about media.</summary>
internal sealed class MultimodalKind() : StrategyKind("multimodal")
{
    public static MultimodalKind Instance { get; } = new();
}
