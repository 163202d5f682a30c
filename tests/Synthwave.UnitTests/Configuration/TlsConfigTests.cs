using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Configuration;

/// <summary>The files of <c>[upstreams.x.tls]</c>, which are read and checked with the configuration.</summary>
public sealed class TlsConfigTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-tls-");
    private readonly TestAuthority _authority = new();

    public TlsConfigTests()
    {
        var (certificate, key) = _authority.Issue("client");
        var (other, otherKey) = _authority.Issue("other");
        using var intermediate = new TestAuthority("Intermediate", _authority);
        using var rsa = RSA.Create(2048);
        Write("ca.pem", _authority.Pem);
        Write("client.pem", certificate);
        Write("client.key", key);
        Write("other.pem", other);
        Write("both.pem", otherKey + other);
        Write("intermediate.pem", intermediate.Pem);
        Write("sealed.key", rsa.ExportEncryptedPkcs8PrivateKeyPem("SECRET", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)));
        Write("empty.pem", "");
        Write("text.pem", "SECRET text");
        Write("damaged.pem", "-----BEGIN CERTIFICATE-----\nU0VDUkVU\n-----END CERTIFICATE-----\n");
        Write("damaged.key", "-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----\n");
        using var whole = X509Certificate2.CreateFromPem(certificate);
        File.WriteAllBytes(At("client.der"), whole.RawData);
    }

    [Fact]
    public void Files_are_read_with_the_configuration()
    {
        var tls = Load("tls = { ca_file = 'ca.pem', client_cert = 'client.pem', client_key = 'client.key' }").Config!.Upstreams[0].Tls!;

        tls.Authorities.Should().Be(_authority.Pem);
        tls.ClientCertificates!.Reveal().Should().StartWith("-----BEGIN CERTIFICATE-----");
        tls.ClientKeyText!.Reveal().Should().StartWith("-----BEGIN PRIVATE KEY-----");
        tls.ToString().Should().NotContain("PRIVATE KEY");
    }

    [Fact]
    public void One_file_may_hold_certificate_and_key()
    {
        var result = Load("tls = { client_cert = 'both.pem' }");

        result.Warnings.Should().BeEmpty();
        result.Config!.Upstreams[0].Tls!.ClientKeyText.Should().NotBeNull();
        result.Config.Upstreams[0].ToString().Should().NotContain("PRIVATE KEY");
    }

    [Theory]
    [InlineData("ca_file = 'missing.pem'", "ca_file", "does not exist")]
    [InlineData("ca_file = ''", "ca_file", "not empty")]
    [InlineData("ca_file = '.'", "ca_file", "is a directory")]
    [InlineData("ca_file = 'empty.pem'", "ca_file", "is empty")]
    [InlineData("ca_file = 'text.pem'", "ca_file", "without a certificate")]
    [InlineData("ca_file = 'client.key'", "ca_file", "without a certificate")]
    [InlineData("ca_file = 'damaged.pem'", "ca_file", "damaged")]
    [InlineData("ca_file = 'client.der'", "ca_file", "binary form")]
    [InlineData("ca_file = 'intermediate.pem'", "ca_file", "without a root")]
    [InlineData("client_key = 'client.key'", "client_key", "without its certificate")]
    [InlineData("client_cert = 'client.pem'", "client_cert", "without a private key")]
    [InlineData("client_cert = 'client.pem', client_key = 'missing.key'", "client_key", "does not exist")]
    [InlineData("client_cert = 'missing.pem', client_key = 'client.key'", "client_cert", "does not exist")]
    [InlineData("client_cert = 'other.pem', client_key = 'client.key'", "client_key", "does not belong")]
    [InlineData("client_cert = 'client.pem', client_key = 'damaged.key'", "client_key", "damaged")]
    [InlineData("client_cert = 'client.pem', client_key = 'ca.pem'", "client_key", "without a private key")]
    [InlineData("client_cert = 'client.pem', client_key = 'sealed.key'", "client_key", "encrypted")]
    [InlineData("ca_fil = 'ca.pem'", "ca_fil", "no key")]
    [InlineData("insecure = 'perhaps'", "insecure", "true or false")]
    public void What_is_wrong_with_a_file_is_named_with_its_place(string members, string key, string message)
    {
        var problem = Load($"tls = {{ {members} }}").Errors.Should().ContainSingle().Which;

        problem.Key.Should().Be($"upstreams.u.tls.{key}");
        problem.Line.Should().Be(6);
        problem.Column.Should().BeGreaterThan(8);
        problem.Message.Should().Contain(message);
        problem.Hint.Should().NotBeNull();
        problem.ToString().Should().NotContainAny("SECRET", "U0VDUkVU");
    }

    [Fact]
    public void No_verification_is_warned_of_loudly()
    {
        var result = Load("tls = { insecure = true, ca_file = 'ca.pem' }");

        result.Errors.Should().BeEmpty();
        result.Warnings.Select(w => w.Key).Should().Equal("upstreams.u.tls.insecure", "upstreams.u.tls.ca_file");
        result.Warnings[0].Message.Should().StartWith("ANY certificate is taken");
    }

    [Fact]
    public void Tls_without_https_is_doubtful()
    {
        var warning = Load("tls = { ca_file = 'ca.pem' }", "http://u.test/v1").Warnings.Should().ContainSingle().Which;

        warning.Key.Should().Be("upstreams.u.tls");
        warning.Message.Should().Contain("base_url is http");
    }

    [Fact]
    public void The_effective_configuration_shows_paths()
    {
        var text = EffectiveConfigWriter.Write(Load("tls = { client_cert = 'both.pem' }").Config!);

        text.Should().Contain("client_cert = \"both.pem\"").And.Contain("insecure = false").And.NotContain("BEGIN");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Delete(recursive: true);
    }

    private string At(string name) => Path.Combine(_directory.FullName, name);

    private void Write(string name, string content) => File.WriteAllText(At(name), content);

    private ConfigResult Load(string lines, string baseUrl = "https://u.test/v1")
    {
        Write("m.toml", $"[upstreams.u]\nmodel_id = 'm'\nbase_url = '{baseUrl}'\ncontext = 8192\nmax_output = 512\n{lines}\n");
        return ConfigLoader.Load(At("m.toml"), _ => null);
    }
}
