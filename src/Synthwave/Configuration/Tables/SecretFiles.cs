using System.Text;
using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>Reads secrets that are mounted as files. Nothing of their content is ever shown.</summary>
internal static class SecretFiles
{
    private const int LongestSecret = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file with its content. What is wrong with it is a problem, in words that go on after the key's name.</summary>
    public static (SecretFile File, string? Problem) Read(SecretFile file, NamedFiles files)
    {
        var (content, problem) = files.Read(file.Path);
        if (content is null)
        {
            return (file, $"names a file that {problem}");
        }

        return content.Length > LongestSecret ? (file, $"names a file that is larger than {LongestSecret / 1024} KiB, which no secret is") : Decode(file, content);
    }

    private static (SecretFile File, string? Problem) Decode(SecretFile file, byte[] content)
    {
        string text;
        try
        {
            text = Strict.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return (file, "names a file that is no UTF-8 text");
        }

        var secret = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        return string.IsNullOrWhiteSpace(secret) ? (file, "names a file that holds nothing but whitespace")
            : KeyText.Oddity(secret) is { } oddity ? (file, $"names a file whose content {oddity}")
            : (file with { Content = new Secret(secret) }, null);
    }
}
