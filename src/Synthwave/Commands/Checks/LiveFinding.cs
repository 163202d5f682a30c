using System.Collections.Immutable;

namespace Synthwave.Commands.Checks;

/// <summary>What <c>check --live</c> found of one upstream. Holds no secret and no URL beyond host and port.</summary>
/// <param name="Upstream">Its name in the file.</param>
/// <param name="Model">Its <c>model_id</c>.</param>
/// <param name="Address">Host and port of its base URL; null = it has none.</param>
/// <param name="Proxy">Host and port of the proxy on the way; null = it is asked directly.</param>
/// <param name="Steps">What was tried, in order; the last one is the one that failed, if one did.</param>
/// <param name="Problem">What is wrong, as a clause; null = nothing.</param>
/// <param name="Fix">What to do about it; null = there is no problem.</param>
/// <param name="Note">What could not be told for free; null = nothing.</param>
internal sealed record LiveFinding(
    string Upstream, string Model, string? Address, string? Proxy, ImmutableArray<LiveStep> Steps, string? Problem = null, string? Fix = null, string? Note = null)
{
    public bool IsOk => Problem is null;
}
