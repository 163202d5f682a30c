using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary>What the command line says about where to listen. It beats the file, at the start and at every reload.</summary>
/// <param name="Host"><c>--host</c>; null = not said.</param>
/// <param name="Port"><c>--port</c>; null = not said.</param>
internal sealed record ListenSettings(string? Host = null, int? Port = null)
{
    /// <summary><c>--urls</c>, valid addresses; empty = not said. Not together with the other two.</summary>
    public ImmutableArray<string> Urls { get; init; } = [];

    /// <summary>The configuration with what the command line says.</summary>
    public GatewayConfig Over(GatewayConfig config)
    {
        var (host, hostFlag) = (Host, "--host");
        var (port, portFlag) = (Port, "--port");
        if (Urls is [var only])
        {
            var address = BindingAddress.Parse(only);
            (host, port, hostFlag, portFlag) = (address.Host.Trim('[', ']'), address.Port, "--urls", "--urls");
        }

        var said = new Dictionary<string, ConfigOrigin>(StringComparer.Ordinal);
        if (host is not null)
        {
            said["server.host"] = new(OriginKind.CommandLine, hostFlag);
        }

        if (port is not null)
        {
            said["server.port"] = new(OriginKind.CommandLine, portFlag);
        }

        return said.Count == 0 ? config : config with
        {
            Server = config.Server with { Host = host ?? config.Server.Host, Port = port ?? config.Server.Port },
            Origins = config.Origins.With(said),
        };
    }

    /// <summary>The addresses to listen on.</summary>
    /// <param name="server">As <see cref="Over"/> gave it.</param>
    public ImmutableArray<string> AddressesOf(ServerConfig server) => Urls is [_, ..] urls ? urls : [$"http://{Bracketed(server.Host)}:{server.Port}"];

    /// <summary>A host as a URL has it: an IPv6 address in brackets.</summary>
    public static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
}
