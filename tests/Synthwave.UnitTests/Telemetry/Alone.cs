namespace Synthwave.UnitTests.Telemetry;

/// <summary>Tests that measure the process: they run after all others and one at a time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
