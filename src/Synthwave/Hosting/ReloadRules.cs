using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.Hosting;

/// <summary>What a valid configuration file may not do to a gateway that runs, and what it is believed only when it stays so. Pure.</summary>
internal static class ReloadRules
{
    /// <summary>How long a file that looks half written has to stay as it is.</summary>
    public static readonly TimeSpan LongSettling = TimeSpan.FromSeconds(10);

    /// <summary>Why <paramref name="next"/> is not taken however long it stays, in words that go on after the file's name; null = it may be.</summary>
    /// <param name="running">What runs.</param>
    /// <param name="next">What is to take its place.</param>
    /// <param name="addresses">Where the process listens.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static string? Refusal(GatewayConfig running, GatewayConfig next, ImmutableArray<string> addresses, Func<string, string?> environment)
    {
        if (File(next) is { Tables.IsEmpty: true } && File(running) is { Tables.IsEmpty: false })
        {
            return "holds no table any more";
        }

        if (OpensTheGateway(running, next, environment) && !next.Server.TokenIsOff)
        {
            return "names no token any more, which would let in everybody who reaches the port (write bearer_token = \"\" if that is meant, or restart)";
        }

        return !next.Server.AllowOpen && OpenListen.Beyond(next.Server, addresses, environment) is { } address
            ? $"leaves the gateway without a token while other machines can reach {address} (set a token, or write allow_open = true under [server] if that is meant)"
            : null;
    }

    /// <summary>What makes <paramref name="next"/> look like the beginning of a file that is still being written; null = nothing does.</summary>
    public static string? Doubt(GatewayConfig running, GatewayConfig next) =>
        File(running) is not { } before || File(next) is not { } now ? null
        : before.Tables.Contains(ConfigSchema.Server.Name) && !now.Tables.Contains(ConfigSchema.Server.Name) ? "has lost its [server] table"
        : now.Length < before.Length / 2 ? "is less than half as long as before"
        : next.Sources.Skip(1).FirstOrDefault(f => f.Hash is not null && running.Sources.Any(b => b.Path == f.Path && f.Length < b.Length / 2)) is { } shrunk
            ? $"names {Path.GetFileName(shrunk.Path)}, which is less than half as long as before"
        : null;

    /// <summary>Whether <paramref name="next"/> takes away the token that <paramref name="running"/> asks for.</summary>
    public static bool OpensTheGateway(GatewayConfig running, GatewayConfig next, Func<string, string?> environment) =>
        AccessToken.Read(running.Server, environment) is not null && AccessToken.Read(next.Server, environment) is null;

    private static SourceFile? File(GatewayConfig config) => config.Sources.IsDefaultOrEmpty ? null : config.Sources[0];
}
