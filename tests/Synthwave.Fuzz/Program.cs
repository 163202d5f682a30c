using SharpFuzz;
using Synthwave.Proof.Fuzz;

// One target under afl-fuzz, by its coverage: see tests/fuzz/run.
if (args is not [var name] || !FuzzTargets.Names.Contains(name))
{
    await Console.Error.WriteLineAsync($"usage: Synthwave.Fuzz <{string.Join('|', FuzzTargets.Names)}>");
    return 2;
}

// Opened with the first input: instrumented code must not run before the fuzzer has said where coverage goes.
IFuzzTarget? target = null;
Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    target ??= FuzzTargets.Open(name);
    target!.Read(input.ToArray()); // The name is one of the targets'.
});
return 0;
