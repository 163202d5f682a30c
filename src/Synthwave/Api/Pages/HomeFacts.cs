using System.Collections.Immutable;

namespace Synthwave.Api.Pages;

/// <summary>What the first page tells of the gateway.</summary>
internal sealed record HomeFacts
{
    public required HomeState State { get; init; }

    /// <summary>One line about the state, without names.</summary>
    public required string StateWords { get; init; }

    /// <summary>The names that can be asked for; none where <see cref="Withheld"/> is set.</summary>
    public ImmutableArray<string> Models { get; init; } = [];

    /// <summary>Why this caller is not told the models; null = it is.</summary>
    public string? Withheld { get; init; }

    /// <summary>Whether calls have to show a token.</summary>
    public required bool NeedsToken { get; init; }

    /// <summary>The address the caller has used, prefix included, without a slash at its end; of characters that need no escaping anywhere.</summary>
    public required string Address { get; init; }

    /// <summary>What paths begin with, escaped; empty = nothing.</summary>
    public required string Prefix { get; init; }
}
