namespace Synthwave.Telemetry.Reports;

/// <summary>What the synthesizer's window left out of the conversation and the drafts it was sent.</summary>
/// <param name="DraftsCut">Different drafts of which the middle was left out.</param>
/// <param name="GroupsDropped">Earlier messages left out, a message with calls and its results counted as one.</param>
/// <param name="MessagesCut">Messages of which something was left out.</param>
internal sealed record SynthesisReport(int DraftsCut, int GroupsDropped, int MessagesCut);
