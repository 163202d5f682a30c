namespace Synthwave.Configuration;

/// <summary>Remembers the <see cref="AccessToken"/> of the configuration in force, which is read once per configuration. Thread-safe.</summary>
internal sealed class TokenInForce(Func<string, string?> environment)
{
    private volatile Known? _known;

    /// <summary>As <see cref="AccessToken.Read"/>.</summary>
    public string? Of(ServerConfig server)
    {
        var known = _known;
        if (known is null || !ReferenceEquals(known.Source, server))
        {
            _known = known = new Known(server, AccessToken.Read(server, environment));
        }

        return known.Token;
    }

    private sealed class Known(ServerConfig source, string? token)
    {
        public ServerConfig Source => source;

        public string? Token => token;
    }
}
