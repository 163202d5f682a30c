using System.Globalization;
using Synthwave.Proof;
using Synthwave.Proof.Contracts;
using Synthwave.Proof.Faults;
using Synthwave.Proof.Fuzz;
using Synthwave.Proof.Hostile;
using Synthwave.Proof.Oracles;
using Synthwave.Proof.Soak;
using Synthwave.Proof.Stragglers;
using Synthwave.Proof.Wire;

if (ProofOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(ProofOptions.Usage);
    return 2;
}

var startedAt = TimeProvider.System.GetTimestamp();
IReadOnlyList<Bound>? bounds = options.Table switch
{
    "stragglers" => StragglerProof.Run(options, Console.Out),
    "oracles" => await OracleProof.RunAsync(options, Console.Out),
    "contracts" => await ContractProof.RunAsync(options, Console.Out),
    "wire" => await WireProof.RunAsync(options, Console.Out),
    "faults" => await FaultProof.RunAsync(options, Console.Out),
    "hostile" => await HostileProof.RunAsync(options, Console.Out),
    "soak" => await SoakProof.RunAsync(options, Console.Out),
    "fuzz" => FuzzProof.Run(options, Console.Out),
    _ => null,
};
if (bounds is null)
{
    await Console.Error.WriteLineAsync(ProofOptions.Usage);
    return 2;
}

Console.WriteLine();
foreach (var bound in bounds)
{
    Console.WriteLine(bound);
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"\n{bounds.Count(b => b.Holds)} of {bounds.Count} bounds hold; seed {options.Seed}, {TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds:0.0} s"));
return bounds.All(b => b.Holds) ? 0 : 1;
