using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary>
/// The rule of where a gateway without a token may listen: on this machine only, or anywhere where <c>allow_open</c> says so. The start, reloads and <c>check</c> go by it. Pure.
/// </summary>
internal static class OpenListen
{
    /// <summary>The first address that other machines can reach without a token; null = none, or there is a token.</summary>
    /// <param name="server">Whose token counts.</param>
    /// <param name="addresses">Where it listens, as in <c>http://127.0.0.1:8400</c>.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static string? Beyond(ServerConfig server, IEnumerable<string> addresses, Func<string, string?> environment) =>
        AccessToken.Read(server, environment) is not null ? null : addresses.FirstOrDefault(IsBeyond);

    // What is no address is refused by whoever tries to listen there.
    private static bool IsBeyond(string url)
    {
        try
        {
            return !LoopbackHost.Is(BindingAddress.Parse(url).Host);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Why a gateway may not listen like this, and what to do instead; null = it may.</summary>
    /// <param name="config">The configuration; what the command line decided stands in its origins.</param>
    /// <param name="addresses">Where it listens.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static ConfigProblem? Refusal(GatewayConfig config, ImmutableArray<string> addresses, Func<string, string?> environment)
    {
        if (config.Server.AllowOpen || Beyond(config.Server, addresses, environment) is not { } address)
        {
            return null;
        }

        var origin = config.Origins.Of("server.host");
        var subject = origin.Kind is OriginKind.CommandLine ? origin.Name! : "server.host";
        return new ConfigProblem(
            origin.Kind is OriginKind.File ? origin.Name : null,
            origin.Line,
            origin.Column,
            addresses.Length > 1 ? "--urls" : subject,
            $"other machines can reach {address}, and there is no token: anyone who reaches the port may call and spend your keys. "
            + "Set a token (synthwave token prints one, and the two lines to put it to use); "
            + $"or {(IsInContainer(environment) ? "publish the port on loopback only (docker run -p 127.0.0.1:8400:8400) together with allow_open" : "listen on this machine only (--host 127.0.0.1)")}; "
            + "or write allow_open = true under [server] where everybody who reaches the port is meant to call.",
            null);
    }

    /// <summary>What <c>allow_open</c> leads to, in one sentence; null = it changes nothing.</summary>
    public static string? Notice(GatewayConfig config, ImmutableArray<string> addresses, Func<string, string?> environment) =>
        config.Server.AllowOpen && Beyond(config.Server, addresses, environment) is { } address
            ? $"open to everybody: other machines can reach {address}, there is no token, and server.allow_open = true says that this is meant."
            : null;

    // Set by the images of the runtime, and by Kubernetes. There, an address of loopback is reached by nobody.
    private static bool IsInContainer(Func<string, string?> environment) =>
        environment("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1" || !string.IsNullOrEmpty(environment("KUBERNETES_SERVICE_HOST"));
}
