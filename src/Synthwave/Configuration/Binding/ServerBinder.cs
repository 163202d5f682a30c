using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Binding;

/// <summary><c>[server]</c>.</summary>
internal static class ServerBinder
{
    private const long MiB = 1024 * 1024;

    public static ServerConfig Bind(SectionReader section, Func<string, string?> environment)
    {
        var defaults = new ServerConfig();
        var server = new ServerConfig
        {
            Host = section.Read(ServerKeys.Host, defaults.Host),
            Port = section.Read(ServerKeys.Port, defaults.Port),
            LogLevel = section.Read(ServerKeys.LogLevel, defaults.LogLevel),
            LogFormat = section.Read(ServerKeys.Format, defaults.LogFormat),
            RequestTimeout = section.Read(ServerKeys.RequestTimeout, defaults.RequestTimeout),
            MaxStream = section.Read(ServerKeys.MaxStream, defaults.MaxStream),
            StreamHeadGrace = section.Read(ServerKeys.StreamHeadGrace, defaults.StreamHeadGrace),
            Heartbeat = section.Read(ServerKeys.Heartbeat, defaults.Heartbeat),
            ShutdownGrace = section.Read(ServerKeys.ShutdownGrace, defaults.ShutdownGrace),
            MaxBodyBytes = section.Optional(ServerKeys.MaxBody) * MiB ?? defaults.MaxBodyBytes,
            MaxReplyBytes = section.Optional(ServerKeys.MaxReply) * MiB ?? defaults.MaxReplyBytes,
            MaxMediaParts = section.Read(ServerKeys.MaxMediaParts, defaults.MaxMediaParts),
            MaxMediaBytes = section.Optional(ServerKeys.MaxMedia) * MiB ?? defaults.MaxMediaBytes,
            ResponseStoreBytes = section.Optional(ServerKeys.ResponseStore) * MiB ?? defaults.ResponseStoreBytes,
            ResponseTtl = section.Read(ServerKeys.ResponseTtl, defaults.ResponseTtl),
            MaxConcurrentRequests = section.Read(ServerKeys.MaxConcurrentRequests, defaults.MaxConcurrentRequests),
            BearerToken = Trimmed(section, ServerKeys.BearerToken) is { } token ? new Secret(token) : null,
            BearerTokenEnv = Trimmed(section, ServerKeys.BearerTokenEnv),
            ProtectMetrics = section.Read(ServerKeys.ProtectMetrics, defaults.ProtectMetrics),
            HealthProbeInterval = section.Read(ServerKeys.ProbeInterval, defaults.HealthProbeInterval),
            HealthProbeTimeout = section.Read(ServerKeys.ProbeTimeout, defaults.HealthProbeTimeout),
            HealthPolicy = section.Read(ServerKeys.Policy, defaults.HealthPolicy),
            ModelName = Trimmed(section, ServerKeys.ModelName),
            ModelNameProfile = section.OptionalText(ServerKeys.ModelNameProfile),
            CorsAllowOrigins = section.TextList(ServerKeys.CorsAllowOrigins) is { } origins
                ? [.. origins.Select(o => o.Name)]
                : defaults.CorsAllowOrigins,
            SystemPrompt = Trimmed(section, ServerKeys.SystemPrompt),
        };
        WarnOfDoubts(section, server, environment);
        return server;
    }

    private static string? Trimmed(SectionReader section, TextKey key) =>
        section.OptionalText(key)?.Trim() is { Length: > 0 } text ? text : null;

    private static void WarnOfDoubts(SectionReader section, ServerConfig server, Func<string, string?> environment)
    {
        if (server.HealthProbeTimeout > server.HealthProbeInterval)
        {
            section.Warn(
                section.Has(ServerKeys.ProbeTimeout) ? ServerKeys.ProbeTimeout : ServerKeys.ProbeInterval,
                "a health probe may take longer than the time between two probes");
        }

        if (server.BearerTokenEnv is { } variable && string.IsNullOrWhiteSpace(environment(variable)))
        {
            section.Warn(
                ServerKeys.BearerTokenEnv,
                $"the environment variable {variable} is not set",
                server.BearerToken is null ? "without a token anyone who reaches the port may call" : "bearer_token is used instead");
        }

        if (server.ProtectMetrics && server.BearerToken is null && server.BearerTokenEnv is null)
        {
            section.Warn(ServerKeys.ProtectMetrics, "there is no token to protect the metrics with", "set bearer_token_env");
        }
    }
}
