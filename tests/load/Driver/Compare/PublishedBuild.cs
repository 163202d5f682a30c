using System.Globalization;
using System.Security.Cryptography;

namespace Synthwave.Load.Driver.Compare;

/// <summary>A published gateway and what tells it from another.</summary>
internal sealed class PublishedBuild
{
    private readonly string _directory;
    private readonly string _program;
    private readonly string? _settings;

    public PublishedBuild(string directory)
    {
        _directory = directory;
        Start = GatewayBuild.Locate(directory);
        _settings = GatewayBuild.SharedSettings(directory);
        var assembly = Path.Combine(directory, "synthwave.dll");
        _program = File.Exists(assembly) ? assembly : Path.Combine(directory, "synthwave");
    }

    public GatewayBuild Start { get; }

    public override string ToString()
    {
        var kind = _settings is not null ? "for an installed runtime" : _program.EndsWith(".dll", StringComparison.Ordinal) ? "with its runtime" : "one file";
        var file = new FileInfo(_program);
        return string.Create(CultureInfo.InvariantCulture, $"{_directory}, {kind}, built {file.LastWriteTimeUtc:yyyy-MM-dd HH:mm:ss} UTC, {file.Length / 1024:N0} KB");
    }

    /// <summary>What a reader must know about the two before the numbers; empty when there is nothing.</summary>
    public IEnumerable<string> RemarksBeside(PublishedBuild other)
    {
        if (IsSame(_program, other._program))
        {
            yield return "A and B are the same program, byte for byte";
        }

        if ((_settings is null) != (other._settings is null))
        {
            yield return "A and B run under different kinds of runtime";
        }
        else if (_settings is not null && other._settings is not null && !IsSame(_settings, other._settings))
        {
            yield return "A and B have different runtime settings (synthwave.runtimeconfig.json)";
        }
    }

    private static bool IsSame(string file, string other) => Hash(file).AsSpan().SequenceEqual(Hash(other));

    private static byte[] Hash(string file) => SHA256.HashData(File.ReadAllBytes(file));
}
