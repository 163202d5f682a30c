namespace Synthwave.Telemetry.Reports;

/// <summary>What a call is for. <see cref="ReportLabels"/> has the words.</summary>
internal enum CallRole { Passthrough, Member, Generator, Synthesizer, Voter, Describer }
