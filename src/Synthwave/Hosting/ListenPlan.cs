using System.Collections.Immutable;
using Synthwave.Configuration;

namespace Synthwave.Hosting;

/// <summary>Where the process listens, and what decided it. Neither changes before the next start.</summary>
/// <param name="Settings">What the command line says.</param>
/// <param name="Addresses">The addresses that are listened on.</param>
internal sealed record ListenPlan(ListenSettings Settings, ImmutableArray<string> Addresses)
{
    /// <summary>Whether a configuration, as <see cref="ListenSettings.Over"/> gave it, wants other addresses than these.</summary>
    public bool WantsRestart(GatewayConfig config) => !Settings.AddressesOf(config.Server).SequenceEqual(Addresses, StringComparer.OrdinalIgnoreCase);
}
