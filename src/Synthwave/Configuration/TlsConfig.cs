namespace Synthwave.Configuration;

/// <summary><c>[upstreams.x.tls]</c>: whom an upstream trusts and what it shows. Certificates are kept as the PEM text their files held when the configuration was read.</summary>
internal sealed record TlsConfig
{
    /// <summary>As written; null = the system's authorities are trusted.</summary>
    public string? CaFile { get; init; }

    /// <summary>As written; null = no certificate is shown.</summary>
    public string? ClientCert { get; init; }

    /// <summary>As written; null = the key is in <see cref="ClientCert"/>.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Whether any certificate is taken.</summary>
    public bool Insecure { get; init; }

    /// <summary>The authorities of <see cref="CaFile"/>, at least one of them a root.</summary>
    public string? Authorities { get; init; }

    /// <summary>All of <see cref="ClientCert"/>: the certificate, those behind it, perhaps the key.</summary>
    public Secret? ClientCertificates { get; init; }

    /// <summary>The text with the key that belongs to it.</summary>
    public Secret? ClientKeyText { get; init; }
}
