using Synthwave.Proof.Hostile;

namespace Synthwave.Proof.Fuzz;

/// <summary>The readers of everything that comes from outside, fed with what nobody should send: each says what is wrong with it, and soon.</summary>
internal static class FuzzProof
{
    /// <summary>Null = no such target.</summary>
    public static IReadOnlyList<Bound>? Run(ProofOptions options, TextWriter output)
    {
        IReadOnlyList<string> names = options.Target is { } only ? [only] : FuzzTargets.Names;
        var time = options.TimeOr(options.Quick ? 0.2 : 8) / names.Count;
        var bounds = new List<Bound>();
        foreach (var name in names)
        {
            var target = FuzzTargets.Open(name);
            if (target is null)
            {
                return null;
            }

            using var owned = target as IDisposable;
            var run = new FuzzRun(target, options.Seed);
            var startedAt = TimeProvider.System.GetTimestamp();
            run.Run(() => options.Count is { } count ? run.Count < count : TimeProvider.System.GetElapsedTime(startedAt) < time);
            var took = TimeProvider.System.GetElapsedTime(startedAt);
            output.WriteLine(FormattableString.Invariant($"{name,-5} {run.Count,9} inputs in {took.TotalSeconds,6:0} s, {run.Said,6} different outcomes, the slowest input {run.Slowest.TotalMilliseconds:0} ms"));
            foreach (var finding in run.Findings)
            {
                output.WriteLine($"\n{finding.What}\n  input: {Printable.Of(finding.Input)}\n  base64: {Convert.ToBase64String(finding.Input.AsSpan(0, Math.Min(finding.Input.Length, 3_000)))}\n");
            }

            bounds.Add(new(run.Findings.Count == 0, FormattableString.Invariant($"{name}: {run.Findings.Count} kinds of inputs threw or took longer than {FuzzRun.Longest.TotalSeconds:0} s, none may")));
        }

        return bounds;
    }
}
