using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Configuration;

/// <summary>
/// Everything secret that one configuration holds or names: tokens, keys and passwords, written, in files or in variables, values of headers, what URLs and free-form
/// settings carry, client certificates. Variables are read anew each time. Thread-safe.
/// </summary>
/// <param name="config">The whole configuration.</param>
/// <param name="environment">Reads a variable; null or empty = not set.</param>
internal sealed class ConfiguredSecrets(GatewayConfig config, Func<string, string?> environment)
{
    private static readonly string[] ProxyVariableNames = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

    // Their values say which API is spoken or who calls, and errors quote them for good reason.
    private static readonly string[] PlainHeaders =
        ["accept", "accept-language", "anthropic-beta", "anthropic-version", "content-language", "http-referer", "openai-beta", "referer", "user-agent", "x-title"];

    private volatile Snapshot? _latest;

    /// <summary>The secrets as they are now. None is empty; some may come twice.</summary>
    public IReadOnlyList<string> Read()
    {
        var found = new List<string?>
        {
            config.Server.BearerToken?.Reveal(),
            config.Server.BearerTokenFile?.Content?.Reveal(),
            Variable(config.Server.BearerTokenEnv),
            config.Server.AdminToken?.Reveal(),
            config.Server.AdminTokenFile?.Content?.Reveal(),
            Variable(config.Server.AdminTokenEnv),
        };
        foreach (var upstream in config.Upstreams.Concat(config.Providers.Select(static p => p.Common)))
        {
            AddCredentials(upstream.Credentials, found);
            foreach (var (name, value) in upstream.Headers)
            {
                AddHeader(name, value.Reveal(), found);
            }

            AddUrl(upstream.BaseUrl, found);
            AddUrl(upstream.Proxy, found);
            AddUrl(upstream.Health, found);
            AddKey(upstream.Tls?.ClientKeyText, found);
            AddSettings(upstream.ChatTemplateKwargsJson, found);
            foreach (var (name, json) in upstream.RequestOverrides)
            {
                AddSettings($"{{{Encoding.UTF8.GetString(JsonText.Quote(name))}:{json}}}", found);
            }
        }

        foreach (var name in ProxyVariableNames)
        {
            AddUrl(Variable(name) ?? "", found);
        }

        return [.. found.OfType<string>().Select(static s => s.Trim()).Where(static s => s.Length > 0)];
    }

    /// <summary>Masks them, and <paramref name="more"/>. Made anew only where something has changed.</summary>
    public SecretMasker Masker(IReadOnlyCollection<string> more)
    {
        var known = Read();
        if (more.Count > 0)
        {
            return SecretMasker.Of(known.Concat(more));
        }

        if (_latest is not { } latest || !latest.Known.SequenceEqual(known, StringComparer.Ordinal))
        {
            _latest = latest = new(known, SecretMasker.Of(known));
        }

        return latest.Masker;
    }

    private void AddCredentials(UpstreamCredentials credentials, List<string?> found)
    {
        found.AddRange([credentials.ApiKey?.Reveal(), credentials.ApiKeyFile?.Content?.Reveal(), Variable(credentials.ApiKeyEnv)]);
        foreach (var password in (string?[])[credentials.BasicPass?.Reveal(), credentials.BasicPassFile?.Content?.Reveal(), Variable(credentials.BasicPassEnv)])
        {
            found.Add(password);
            found.Add(string.IsNullOrEmpty(password) ? null : $"{credentials.BasicUser}:{password}");
        }
    }

    /// <summary>The secrets in a header that goes out: its value, and what follows the name of a scheme.</summary>
    public static void AddHeader(string name, string value, List<string?> found)
    {
        if (Array.Exists(PlainHeaders, p => p.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        found.Add(value);
        if (value.IndexOf(' ', StringComparison.Ordinal) is > 0 and var blank && SecretShapes.LooksSecret(value))
        {
            found.Add(value[(blank + 1)..]);
        }
    }

    // User and password as they stand there and as they are sent, and what the query names like a secret.
    private static void AddUrl(string url, List<string?> found)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var query = url.IndexOf('?', StringComparison.Ordinal);
        if (start >= 3)
        {
            var end = url.AsSpan(start).IndexOfAny('/', '?', '#');
            var authority = end < 0 ? url[start..] : url.Substring(start, end);
            if (authority.LastIndexOf('@') is > 0 and var at)
            {
                // A name alone is a key; before a password it is a name.
                AddBoth(authority[..at], found);
                AddBoth(authority[..at].Split(':', 2)[^1], found);
            }
        }

        foreach (var member in query < 0 ? [] : url[(query + 1)..].Split('#')[0].Split('&'))
        {
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? member : member[(equals + 1)..];
            if ((equals >= 0 && SecretShapes.IsSecretName(Uri.UnescapeDataString(member[..equals]))) || SecretShapes.MayHoldSecret(Uri.UnescapeDataString(value)))
            {
                AddBoth(value, found);
            }
        }
    }

    private static void AddBoth(string escaped, List<string?> found)
    {
        found.Add(escaped);
        found.Add(Uri.UnescapeDataString(escaped));
    }

    // The certificate is shown to whoever asks; the key is not. Its lines say nothing alone but are never anything else.
    private static void AddKey(Secret? pem, List<string?> found)
    {
        var isKey = false;
        foreach (var line in pem?.Reveal().Split('\n', StringSplitOptions.TrimEntries) ?? [])
        {
            if (line.StartsWith("-----", StringComparison.Ordinal))
            {
                isKey = line.StartsWith("-----BEGIN", StringComparison.Ordinal) && line.Contains("PRIVATE KEY", StringComparison.Ordinal);
            }
            else if (isKey)
            {
                found.Add(line);
            }
        }
    }

    private static void AddSettings(string? json, List<string?> found)
    {
        if (json is not null)
        {
            AddSettings(JsonReading.Element(Encoding.UTF8.GetBytes(json)), isSecret: false, found);
        }
    }

    // As they are hidden where the configuration is shown.
    private static void AddSettings(JsonElement value, bool isSecret, List<string?> found)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    AddSettings(member.Value, isSecret || SecretShapes.IsSecretName(member.NameText()), found);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    AddSettings(item, isSecret, found);
                }

                break;
            case JsonValueKind.String when value.Text() is var text:
                if (isSecret || SecretShapes.MayHoldSecret(text))
                {
                    found.Add(text);
                }
                else
                {
                    AddUrl(text, found);
                }

                break;
            case JsonValueKind.Number when isSecret:
                found.Add(Encoding.UTF8.GetString(value.Raw()));
                break;
        }
    }

    private string? Variable(string? name) => string.IsNullOrEmpty(name) ? null : environment(name);

    private sealed record Snapshot(IReadOnlyList<string> Known, SecretMasker Masker);
}
