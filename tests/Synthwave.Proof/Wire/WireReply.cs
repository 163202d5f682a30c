namespace Synthwave.Proof.Wire;

/// <summary>An upstream's reply as bytes.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Label, right or wrong; null = none.</param>
/// <param name="Encoding">Content encoding of <paramref name="Body"/>; null = none.</param>
/// <param name="Body">Everything sent.</param>
/// <param name="Pauses">Positions in the body at which it is flushed, ascending.</param>
/// <param name="End">What becomes of the connection behind the body.</param>
/// <param name="IsWhole">Whether the answer must come through. False = an error, or the whole answer where that can be known.</param>
/// <param name="Name">Which rule of the grammar made it, for a failure message.</param>
internal sealed record WireReply(int Status, string? ContentType, string? Encoding, byte[] Body, int[] Pauses, WireEnd End, bool IsWhole, string Name)
{
    /// <summary>It broke off somewhere.</summary>
    public bool IsCut { get; init; }

    private const int ShownBytes = 4_000;

    /// <summary>The rule and what was sent by it.</summary>
    public override string ToString() => $"{Name}, {Status}, {ContentType ?? "no type"}, flushed at {string.Join(' ', Pauses)}\n{(Encoding is null ? System.Text.Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(ShownBytes, Body.Length))) : Encoding)}";
}

/// <summary>How a reply ends.</summary>
internal enum WireEnd { Complete, Reset, Silence }
