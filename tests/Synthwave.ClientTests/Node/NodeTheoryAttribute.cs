namespace Synthwave.ClientTests.Node;

/// <summary>A theory that is skipped, with the reason, where Node.js or its packages are missing and cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    public NodeTheoryAttribute() => Skip = NodeInstallation.Problem;
}
