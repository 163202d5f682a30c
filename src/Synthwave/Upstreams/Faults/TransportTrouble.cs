namespace Synthwave.Upstreams.Faults;

/// <summary>Where the way to an upstream is broken.</summary>
internal enum TransportTrouble
{
    Unknown,

    /// <summary>Nobody listens there.</summary>
    Refused,

    /// <summary>The host's name leads nowhere.</summary>
    Dns,

    /// <summary>No TLS connection, for another reason than those below: no common protocol version, or a client certificate that is missing.</summary>
    Tls,

    /// <summary>Its certificate, or one behind it, has expired or is not valid yet.</summary>
    TlsExpired,

    /// <summary>Its certificate is for another name.</summary>
    TlsName,

    /// <summary>Its certificate leads to no authority that is trusted.</summary>
    TlsAuthority,

    /// <summary>What answers there does not speak TLS.</summary>
    NotTls,

    /// <summary>The connection was reset.</summary>
    Reset,

    /// <summary>The proxy between us refused.</summary>
    Proxy,
}

/// <summary>What a <see cref="TransportTrouble"/> is called. Pure.</summary>
internal static class TransportTroubles
{
    /// <summary>The label of reports and log lines: a closed set. Null = not known.</summary>
    public static string? Label(this TransportTrouble trouble) => trouble switch
    {
        TransportTrouble.Refused => "refused",
        TransportTrouble.Dns => "dns",
        TransportTrouble.Tls => "tls",
        TransportTrouble.TlsExpired => "tls_expired",
        TransportTrouble.TlsName => "tls_name",
        TransportTrouble.TlsAuthority => "tls_authority",
        TransportTrouble.NotTls => "not_tls",
        TransportTrouble.Reset => "reset",
        TransportTrouble.Proxy => "proxy",
        _ => null,
    };

    /// <summary>What happened, without name or address. Null = not known.</summary>
    public static string? Words(this TransportTrouble trouble) => trouble switch
    {
        TransportTrouble.Refused => "the connection was refused",
        TransportTrouble.Dns => "its host name cannot be resolved",
        TransportTrouble.Tls => "no TLS connection could be made (no protocol version in common, or a client certificate that is missing?)",
        TransportTrouble.TlsExpired => "its TLS certificate has expired or is not valid yet",
        TransportTrouble.TlsName => "its TLS certificate is for another host name",
        TransportTrouble.TlsAuthority => "its TLS certificate is of an authority that is not trusted",
        TransportTrouble.NotTls => "what answers there does not speak TLS (http instead of https?)",
        TransportTrouble.Reset => "it reset the connection before it answered",
        TransportTrouble.Proxy => "the proxy refused to connect",
        _ => null,
    };
}
