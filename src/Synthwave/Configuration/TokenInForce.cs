using System.Text;

namespace Synthwave.Configuration;

/// <summary>Remembers a token of the configuration in force, which is read once per configuration. Thread-safe.</summary>
internal sealed class TokenInForce
{
    private readonly Func<ServerConfig, Func<string, string?>, string?> _read;
    private readonly Func<string, string?> _environment;
    private volatile Known? _known;

    /// <summary>The clients' token.</summary>
    public TokenInForce(Func<string, string?> environment)
        : this(environment, AccessToken.Read)
    {
    }

    private TokenInForce(Func<string, string?> environment, Func<ServerConfig, Func<string, string?>, string?> read) => (_environment, _read) = (environment, read);

    /// <summary>The token of <c>/admin</c>.</summary>
    public static TokenInForce OfAdmin(Func<string, string?> environment) => new(environment, AccessToken.ReadAdmin);

    /// <summary>As <see cref="AccessToken.Read(ServerConfig, Func{string, string?})"/>.</summary>
    public string? Of(ServerConfig server) => Read(server).Token;

    /// <summary>The same as UTF-8, for comparing.</summary>
    public byte[]? BytesOf(ServerConfig server) => Read(server).Bytes;

    private Known Read(ServerConfig server)
    {
        var known = _known;
        if (known is null || !ReferenceEquals(known.Source, server))
        {
            _known = known = new Known(server, _read(server, _environment));
        }

        return known;
    }

    private sealed class Known(ServerConfig source, string? token)
    {
        public ServerConfig Source => source;

        public string? Token => token;

        public byte[]? Bytes { get; } = token is null ? null : Encoding.UTF8.GetBytes(token);
    }
}
