namespace Synthwave.Commands.Checks;

/// <summary>One stage of reaching an upstream.</summary>
/// <param name="Name">A closed set: <c>dns</c>, <c>tcp</c>, <c>proxy</c>, <c>tls</c>, <c>key</c>, <c>model</c>, <c>answer</c>.</param>
/// <param name="IsOk">Whether it succeeded.</param>
/// <param name="Milliseconds">What it took; null = it was not timed.</param>
/// <param name="Detail">What was found, in a few words without a secret; null = nothing to say.</param>
internal sealed record LiveStep(string Name, bool IsOk, double? Milliseconds = null, string? Detail = null);
