using System.Security.Cryptography;
using System.Text;
using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>Reads the files of <c>[upstreams.x.tls]</c> and says what is wrong with them. Nothing of a key is ever shown.</summary>
internal static class TlsRules
{
    private const string Unreadable = "is given as PEM, text with BEGIN and END lines";

    /// <summary>The table with its files read. What is wrong with one is an error: the upstream could not be called, or not as it was meant.</summary>
    public static TlsConfig Check(SectionReader section, TlsConfig tls, string baseUrl, NamedFiles files)
    {
        if (tls.Insecure)
        {
            section.Warn(
                UpstreamOptionTables.Insecure,
                "ANY certificate is taken: whoever is between the gateway and this upstream can read and change keys, prompts and answers",
                "trust a private authority with ca_file instead");
        }

        if (tls is { Insecure: true, CaFile: not null })
        {
            section.Warn(UpstreamOptionTables.CaFile, "has no effect beside insecure = true");
        }

        if (Uri.TryCreate(baseUrl, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp)
        {
            section.Problems.Warn(section.Position, section.Path, "has no effect: base_url is http, which knows no certificates", "write https");
        }

        return CheckClient(section, tls with { Authorities = Authorities(section, tls.CaFile, files) }, files);
    }

    private static string? Authorities(SectionReader section, string? path, NamedFiles files)
    {
        if (Text(section, UpstreamOptionTables.CaFile, path, files) is not { } pem || Count(section, UpstreamOptionTables.CaFile, pem) is not { } roots)
        {
            return null;
        }

        if (roots == 0)
        {
            section.Error(UpstreamOptionTables.CaFile, "names a file without a root certificate, so nothing could be trusted", "add the root that signed the others");
        }

        return pem;
    }

    private static TlsConfig CheckClient(SectionReader section, TlsConfig tls, NamedFiles files)
    {
        if (tls is { ClientCert: null, ClientKey: not null })
        {
            section.Error(UpstreamOptionTables.ClientKey, "is a key without its certificate", "add client_cert");
            return tls;
        }

        var pem = Text(section, UpstreamOptionTables.ClientCert, tls.ClientCert, files);
        var keyAt = tls.ClientKey is null ? UpstreamOptionTables.ClientCert : UpstreamOptionTables.ClientKey;
        var key = tls.ClientKey is null ? pem : Text(section, keyAt, tls.ClientKey, files);
        if (pem is null || key is null || Count(section, UpstreamOptionTables.ClientCert, pem) is null)
        {
            return tls;
        }

        if (key.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) || key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            section.Error(keyAt, "names a file whose key is encrypted", "decrypt it, for example with openssl pkey -in key.pem -out plain.pem");
        }
        else if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            section.Error(keyAt, "names a file without a private key", tls.ClientKey is null ? "name the key's file with client_key" : $"a key {Unreadable}");
        }
        else if (!BelongTogether(pem, new Secret(key)))
        {
            section.Error(keyAt, "names a file whose key does not belong to the certificate, or is damaged", "give the key that the certificate was made with");
        }

        return tls with { ClientCertificates = new Secret(pem), ClientKeyText = new Secret(key) };
    }

    private static bool BelongTogether(string pem, Secret key)
    {
        try
        {
            TlsCertificates.WithKey(pem, key).Dispose();
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>How many of the certificates are roots; null = there is no certificate, and that is said.</summary>
    private static int? Count(SectionReader section, ConfigKey key, string pem)
    {
        try
        {
            var certificates = TlsCertificates.All(pem);
            var roots = certificates.Count(TlsCertificates.IsRoot);
            var count = certificates.Count;
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }

            if (count > 0)
            {
                return roots;
            }

            section.Error(key, "names a file without a certificate", $"a certificate {Unreadable}");
        }
        catch (CryptographicException)
        {
            section.Error(key, "names a file with a damaged certificate", "copy the file anew");
        }

        return null;
    }

    private static string? Text(SectionReader section, ConfigKey key, string? path, NamedFiles files)
    {
        if (path is null)
        {
            return null;
        }

        var (content, problem) = files.Read(path);
        switch (content)
        {
            case null:
                section.Error(key, $"names a file that {problem}", "a relative path starts at the directory of the configuration");
                return null;
            case [0x30, ..]:
                section.Error(key, "names a file in binary form (DER or PKCS #12)", $"it {Unreadable}: openssl x509 -inform der -in file -out file.pem");
                return null;
            default:
                return Encoding.UTF8.GetString(content);
        }
    }
}
