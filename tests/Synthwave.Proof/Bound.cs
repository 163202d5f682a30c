namespace Synthwave.Proof;

/// <summary>A statement about a run, and whether it held.</summary>
internal sealed record Bound(bool Holds, string Text)
{
    public override string ToString() => $"{(Holds ? "holds " : "BROKEN")}  {Text}";
}
