using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary><c>[features]</c>: switches, kept beside the tables they switch.</summary>
internal static class FeaturesTable
{
    public static readonly Table<GatewayConfig> Keys = new("[features]", new GatewayConfig());

    public static readonly ConfigKey<bool> Voting = Keys.Add(
        new FlagKey("voting", "whether voting profiles are listed and callable"),
        c => c.VotingEnabled,
        (c, v) => c with { VotingEnabled = v });
}
