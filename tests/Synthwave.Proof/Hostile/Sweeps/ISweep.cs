namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>One kind of hostility. Thread-safe: inputs run at the same time.</summary>
internal interface ISweep
{
    /// <summary>One word.</summary>
    string Name { get; }

    /// <summary>Inputs at the same time.</summary>
    int Concurrency { get; }

    /// <summary>No input may take longer.</summary>
    TimeSpan Patience { get; }

    /// <summary>Makes an input by its number, lets it loose and says how it ended. Cancelled when patience is over, which is a problem of its own kind.</summary>
    Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken);
}
