using System.Text.RegularExpressions;

namespace Synthwave.Configuration;

/// <summary>What keys, tokens and passwords look like to somebody who does not know them. Pure.</summary>
internal static partial class SecretShapes
{
    /// <summary>What stands in the place of a secret in words that leave the gateway.</summary>
    public const string Mark = "[key]";

    // A run of so many letters and digits is no word.
    private const int LeastRandom = 20;

    private static readonly string[] Endings =
        ["key", "token", "secret", "password", "passwd", "passphrase", "pwd", "pass", "signature", "credential", "credentials", "authorization", "auth", "bearer", "cookie", "jwt"];

    private static readonly string[] Names = ["sig", "code", "pin", "headers", "header", "session"];

    private static readonly string[] Starts = ["sk-", "sk_", "pk-", "gsk_", "xai-", "AIza", "ghp_", "github_pat_", "hf_", "nvapi-", "r8_", "eyJ", "AKIA"];

    private static readonly string[] Schemes = ["Bearer ", "Basic ", "Token "];

    // Of members in the words of others, where a name alone must not hide too much.
    private static readonly string[] CredentialEndings =
        ["apikey", "accesskey", "secretkey", "subscriptionkey", "accesstoken", "authtoken", "apitoken", "bearertoken", "secret", "password", "passwd", "authorization", "cookie"];

    /// <summary>Whether a setting of this name is likely a secret. Too many are taken for one rather than too few.</summary>
    public static bool IsSecretName(string name) =>
        EndsWithAny(name, Endings) || name.Split('-', '_', '.', ' ').Any(static word => Names.Contains(word, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether a member or header of this name holds a credential and nothing else.</summary>
    public static bool IsCredentialName(string name) => EndsWithAny(name, CredentialEndings);

    /// <summary>Whether a text looks like a key, by the way well-known ones start.</summary>
    public static bool LooksSecret(string text) =>
        (text.Length >= 16 && Array.Exists(Starts, s => text.StartsWith(s, StringComparison.Ordinal))) || Array.Exists(Schemes, s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a text that is likely a secret is in this one, or it is one because it is no word. Where a text is shown, it is hidden rather once too often.</summary>
    public static bool MayHoldSecret(string text)
    {
        try
        {
            return LooksSecret(text) || (!text.Contains("://", StringComparison.Ordinal) && (HasRandomRun(text, LeastRandom) || Mask(text) != text));
        }
        catch (RegexMatchTimeoutException)
        {
            return true;
        }
    }

    /// <summary>
    /// A text with whatever looks like a key replaced by <see cref="Mark"/>: keys as providers shape them, masked ones too, what follows <c>Bearer</c>, <c>Basic</c> or
    /// the words "API key", users and keys in URLs. Throws <see cref="RegexMatchTimeoutException"/> at text made to take long.
    /// </summary>
    public static string Mask(string text)
    {
        text = UrlUser().Replace(text, "$1" + Mark + "@");
        text = UrlParameter().Replace(text, "$1" + Mark);
        text = Named().Replace(text, "$1" + Mark);
        return Key().Replace(text, Mark);
    }

    /// <summary>Whether there is a run of letters and digits, both, of at least <paramref name="least"/> characters: what somebody drew, and no word.</summary>
    public static bool HasRandomRun(string text, int least)
    {
        var (run, hasDigit, hasLetter) = (0, false, false);
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                (run, hasDigit, hasLetter) = (0, false, false);
                continue;
            }

            run++;
            hasDigit |= char.IsAsciiDigit(c);
            hasLetter |= char.IsAsciiLetter(c);
            if (run >= least && hasDigit && hasLetter)
            {
                return true;
            }
        }

        return false;
    }

    private static bool EndsWithAny(string name, string[] endings)
    {
        var letters = string.Concat(name.Where(char.IsLetterOrDigit));
        return Array.Exists(endings, e => letters.EndsWith(e, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex(@"\b([a-z][a-z0-9+.-]{1,15}://)[^\s/@""'<>]{1,500}@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex UrlUser();

    [GeneratedRegex(@"((?:[?&]|&amp;|\\u0026)[\w.%-]{0,40}?(?:key|token|secret|password|passwd|pwd|sig|signature|credential|auth)=)[^&\s""'<>#\\]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex UrlParameter();

    // A word without a digit is most likely a word.
    [GeneratedRegex(@"(?<![A-Za-z])((?:api|access|secret|auth|subscription)[-_ ]?(?:key|token)(?: provided)?\\?[""']?\s{0,3}[:=]\s{0,3}\\?[""']?)(?=[^\s""',;<>\\]*[\d*…])[^\s""',;&<>\\]{6,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex Named();

    [GeneratedRegex(@"\b(?:sk|pk|rk|gsk|xai|hf|ghp|gho|nvapi|pplx|fw|tgp|r8|csk|dop|github_pat)[-_][A-Za-z0-9*_.…-]{4,}|\b(?:key|token)[-_](?=[A-Za-z0-9*_.…-]*[\d*…])[A-Za-z0-9*_.…-]{4,}|\bAIza[\w-]{10,}|\bAKIA[0-9A-Z]{12,}|\beyJ[\w-]{10,}\.[\w.-]+|\bBearer\s+[^\s""<>]+|\bBasic\s+[A-Za-z0-9+/=]{8,}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex Key();
}
