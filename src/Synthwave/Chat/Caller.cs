using System.Collections.Immutable;
using Synthwave.Configuration;

namespace Synthwave.Chat;

/// <summary>Who a client is, and what it says of itself beside its request, as far as upstreams are to hear it. Immutable; never told or logged.</summary>
internal sealed record Caller
{
    public static Caller Unknown { get; } = new();

    /// <summary>The client's own key, fit for a header; null = none was given, or no upstream takes one.</summary>
    public Secret? Key { get; init; }

    /// <summary>Headers to pass on: names as configured, values of printable ASCII.</summary>
    public ImmutableArray<KeyValuePair<string, Secret>> Headers { get; init; } = [];

    /// <summary>
    /// Tells what is kept for this client from what is kept for others: the print of the credential it shows. Null = it shows none, as everybody does at an open gateway.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>What of it no answer and no log may repeat.</summary>
    public IReadOnlyCollection<string> Secrets()
    {
        var found = new List<string?> { Key?.Reveal() };
        foreach (var (name, value) in Headers)
        {
            if (SecretShapes.IsSecretName(name))
            {
                ConfiguredSecrets.AddHeader(name, value.Reveal(), found);
            }
        }

        return [.. found.OfType<string>()];
    }
}
