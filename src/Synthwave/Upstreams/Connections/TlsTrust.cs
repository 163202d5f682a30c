using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Synthwave.Configuration;

namespace Synthwave.Upstreams.Connections;

/// <summary>TLS as an upstream's configuration has it. What is made lives as long as the handler it is given to.</summary>
internal static class TlsTrust
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    public static SslClientAuthenticationOptions Options(TlsConfig tls)
    {
        var options = new SslClientAuthenticationOptions();
        if (tls.Insecure)
        {
#pragma warning disable CA5359 // The operator asked for it in so many words, and is warned at every start.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (tls.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = Only(authorities);
        }

        if (tls is { ClientCertificates: { } certificates, ClientKeyText: { } key })
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(TlsCertificates.WithKey(certificates.Reveal(), key), Behind(certificates.Reveal()), offline: true);
        }

        return options;
    }

    // A private authority seldom has a list of what it took back.
    private static X509ChainPolicy Only(string authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.ApplicationPolicy.Add(ServerAuthentication);
        foreach (var certificate in TlsCertificates.All(authorities))
        {
            (TlsCertificates.IsRoot(certificate) ? policy.CustomTrustStore : policy.ExtraStore).Add(certificate);
        }

        return policy;
    }

    private static X509Certificate2Collection Behind(string certificates)
    {
        var all = TlsCertificates.All(certificates);
        all[0].Dispose();
        all.RemoveAt(0);
        return all;
    }
}
