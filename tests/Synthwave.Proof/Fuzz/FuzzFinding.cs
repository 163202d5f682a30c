namespace Synthwave.Proof.Fuzz;

/// <summary>An input that a reader threw on, or took too long for.</summary>
/// <param name="What">The exception and where it came from, or the time.</param>
/// <param name="Input">The smallest seen.</param>
internal sealed record FuzzFinding(string What, byte[] Input);
