namespace Synthwave.Proof.Fuzz;

/// <summary>A reader that any bytes may reach. Used by one thread.</summary>
internal interface IFuzzTarget
{
    /// <summary>One word; also the folder of its corpus.</summary>
    string Name { get; }

    /// <summary>Pieces of its language, for mutations to put in.</summary>
    IReadOnlyList<string> Words { get; }

    /// <summary>
    /// Reads the input and says in few words what came of it; a word that was not said before makes the input worth mutating. Whatever it throws is a crash: a
    /// reader's failures are values.
    /// </summary>
    string Read(byte[] input);
}
