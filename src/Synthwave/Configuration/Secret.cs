namespace Synthwave.Configuration;

/// <summary>A value that must never be printed. <see cref="ToString"/> and the debugger show <c>***</c>; <see cref="Reveal"/> is the only way out.</summary>
[System.Diagnostics.DebuggerDisplay("***")]
internal sealed class Secret(string value) : IEquatable<Secret>
{
    private readonly string _value = value;

    /// <summary>The secret itself, for a request header or a comparison.</summary>
    public string Reveal() => _value;

    public bool Equals(Secret? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => string.GetHashCode(_value, StringComparison.Ordinal);

    public override string ToString() => "***";
}
