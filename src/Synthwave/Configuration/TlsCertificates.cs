using System.Security.Cryptography.X509Certificates;

namespace Synthwave.Configuration;

/// <summary>Certificates out of PEM text. The caller disposes what is returned.</summary>
internal static class TlsCertificates
{
    /// <summary>All certificates of a text, in order. Throws <see cref="System.Security.Cryptography.CryptographicException"/> at one that is none.</summary>
    public static X509Certificate2Collection All(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }

    /// <summary>The first certificate with its key. Throws <see cref="System.Security.Cryptography.CryptographicException"/> or <see cref="ArgumentException"/> where they do not belong together.</summary>
    public static X509Certificate2 WithKey(string pem, Secret key)
    {
        var certificate = X509Certificate2.CreateFromPem(pem, key.Reveal());
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // The system's TLS there takes no key that lives in memory alone.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    /// <summary>Whether a certificate is signed by itself, where trust can begin.</summary>
    public static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
