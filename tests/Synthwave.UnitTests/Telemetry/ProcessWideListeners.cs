namespace Synthwave.UnitTests.Telemetry;

/// <summary>Tests that change or measure what the whole process listens to; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class ProcessWideListeners
{
    public const string Name = "process-wide listeners";
}
