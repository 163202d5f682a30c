using System.Diagnostics.CodeAnalysis;

namespace Synthwave.Chat;

/// <summary>A value, or the error that stands in its place. <c>default</c> is neither and is nobody's result.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <typeparam name="TError">Why there is none: a <see cref="GatewayError"/> where the client is told, something narrower where the caller has a next move.</typeparam>
internal readonly record struct Result<T, TError>
    where T : class
    where TError : class
{
    public Result(T value) => Value = value;

    public Result(TError error) => Error = error;

    /// <summary>Null = there is an <see cref="Error"/>.</summary>
    public T? Value { get; }

    /// <summary>Null = there is a <see cref="Value"/>.</summary>
    public TError? Error { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsOk => Value is not null;

    public static implicit operator Result<T, TError>(T value) => new(value);

    public static implicit operator Result<T, TError>(TError error) => new(error);
}
