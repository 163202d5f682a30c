using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>What a synthesizer is sent, made to fit its window.</summary>
/// <param name="Messages">A <c>messages</c> array.</param>
/// <param name="PromptTokens">Its estimate, with the tools it was planned for.</param>
/// <param name="MaxOutput">Most tokens of the reply: what was asked for, within what the synthesizer can write and its window leaves.</param>
/// <param name="LeftOut">What the window had no room for; null = nothing.</param>
internal sealed record SynthesisMessages(ReadOnlyMemory<byte> Messages, int PromptTokens, int MaxOutput, SynthesisReport? LeftOut = null);
