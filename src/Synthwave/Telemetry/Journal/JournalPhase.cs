namespace Synthwave.Telemetry.Journal;

/// <summary>What a request is doing. <see cref="RequestPhases"/> has the words.</summary>
internal enum JournalPhase
{
    /// <summary>Its body, a free place or a model's first word is waited for.</summary>
    Waiting,

    /// <summary>Generators write their drafts.</summary>
    Drafting,

    /// <summary>Voters are asked.</summary>
    Voting,

    /// <summary>The synthesizer was asked and has written nothing yet.</summary>
    Synthesising,

    /// <summary>The answer is on its way to the client.</summary>
    Streaming,

    /// <summary>It is over.</summary>
    Finished,
}
