using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>What the keys of <c>[server]</c> say about each other.</summary>
internal static class ServerRules
{
    public static void Warn(SectionReader section, ServerConfig server, Func<string, string?> environment)
    {
        if (server.HealthProbeTimeout > server.HealthProbeInterval)
        {
            section.Warn(
                section.Has(ServerTable.ProbeTimeout) ? ServerTable.ProbeTimeout : ServerTable.ProbeInterval,
                "a health probe may take longer than the time between two probes");
        }

        if (server.BearerTokenEnv is { } variable && string.IsNullOrWhiteSpace(environment(variable)))
        {
            section.Warn(
                ServerTable.BearerTokenEnv,
                $"the environment variable {variable} is not set",
                server.BearerToken is null ? "without a token anyone who reaches the port may call" : "bearer_token is used instead");
        }

        KeyText.Check(section, ServerTable.BearerToken, server.BearerToken);
        KeyText.CheckVariable(section, ServerTable.BearerTokenEnv, server.BearerTokenEnv is { } named ? environment(named) : null);
        if (server is { BearerToken: null, BearerTokenEnv: null } && section.Problems.WrittenAt(section.PositionOf(ServerTable.BearerToken)) is not null)
        {
            section.Warn(ServerTable.BearerToken, "what is written stands for nothing", "without a token anyone who reaches the port may call");
        }

        if (server.ProtectMetrics && server.BearerToken is null && server.BearerTokenEnv is null)
        {
            section.Warn(ServerTable.ProtectMetrics, "there is no token to protect the metrics with", "set bearer_token_env");
        }
    }
}
