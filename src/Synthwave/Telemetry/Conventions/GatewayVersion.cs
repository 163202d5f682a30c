namespace Synthwave.Telemetry.Conventions;

/// <summary>What the gateway calls itself in health, OpenAPI and telemetry.</summary>
internal static class GatewayVersion
{
    public const string Text = "0.1.0";
}
