using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Configuration;

/// <summary>
/// Everything secret that one configuration holds or names: tokens, keys and passwords, written, in files or in variables, values of headers, what URLs and free-form
/// settings carry, client certificates. What is written is read once, when it is first asked for; variables each time, since a process may set its own. One serves all
/// upstreams of a configuration. Thread-safe.
/// </summary>
internal sealed class ConfiguredSecrets
{
    private static readonly string[] ProxyVariableNames = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

    // Their values say which API is spoken or who calls, and errors quote them for good reason.
    private static readonly string[] PlainHeaders =
        ["accept", "accept-language", "anthropic-beta", "anthropic-version", "content-language", "http-referer", "openai-beta", "referer", "user-agent", "x-title"];

    private readonly Func<string, string?> _environment;
    private readonly Lazy<IReadOnlyList<string?>> _written;
    private readonly Lazy<IReadOnlyList<NamedVariable>> _named;
    private volatile Snapshot? _latest;

    /// <param name="config">The whole configuration.</param>
    /// <param name="environment">Reads a variable; null or empty = not set.</param>
    public ConfiguredSecrets(GatewayConfig config, Func<string, string?> environment)
    {
        _environment = environment;
        _written = new(() => Written(config));
        _named = new(() => Named(config));
    }

    /// <summary>The secrets as they are now. None is empty; some may come twice.</summary>
    public IReadOnlyList<string> Read() => Join(Values());

    /// <summary>Masks them, and <paramref name="more"/>. Made anew only where something has changed.</summary>
    public SecretMasker Masker(IReadOnlyCollection<string> more)
    {
        var values = Values();
        if (_latest is not { } latest || !latest.Values.AsSpan().SequenceEqual(values))
        {
            var known = Join(values);
            _latest = latest = new(values, known, SecretMasker.Of(known));
        }

        return more.Count > 0 ? SecretMasker.Of(latest.Known.Concat(more)) : latest.Masker;
    }

    private string?[] Values()
    {
        var named = _named.Value;
        var values = new string?[named.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _environment(named[i].Name);
        }

        return values;
    }

    private List<string> Join(string?[] values)
    {
        var found = new List<string?>(_written.Value);
        for (var i = 0; i < values.Length; i++)
        {
            _named.Value[i].AddTo(found, values[i]);
        }

        return [.. found.OfType<string>().Select(static s => s.Trim()).Where(static s => s.Length > 0)];
    }

    private static List<string?> Written(GatewayConfig config)
    {
        var found = new List<string?>
        {
            config.Server.BearerToken?.Reveal(),
            config.Server.BearerTokenFile?.Content?.Reveal(),
            config.Server.AdminToken?.Reveal(),
            config.Server.AdminTokenFile?.Content?.Reveal(),
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

        return found;
    }

    private static List<NamedVariable> Named(GatewayConfig config)
    {
        var named = new List<NamedVariable>();
        Add(config.Server.BearerTokenEnv, AddWhole);
        Add(config.Server.AdminTokenEnv, AddWhole);
        foreach (var credentials in config.Upstreams.Select(static u => u.Credentials))
        {
            Add(credentials.ApiKeyEnv, AddWhole);
            Add(credentials.BasicPassEnv, (found, value) => AddPassword(credentials.BasicUser, value, found));
        }

        foreach (var name in ProxyVariableNames)
        {
            Add(name, static (found, value) => AddUrl(value ?? "", found));
        }

        return named;

        void Add(string? name, Action<List<string?>, string?> addTo)
        {
            if (!string.IsNullOrEmpty(name))
            {
                named.Add(new NamedVariable(name, addTo));
            }
        }
    }

    private static void AddWhole(List<string?> found, string? value) => found.Add(value);

    private static void AddCredentials(UpstreamCredentials credentials, List<string?> found)
    {
        found.AddRange([credentials.ApiKey?.Reveal(), credentials.ApiKeyFile?.Content?.Reveal()]);
        AddPassword(credentials.BasicUser, credentials.BasicPass?.Reveal(), found);
        AddPassword(credentials.BasicUser, credentials.BasicPassFile?.Content?.Reveal(), found);
    }

    // As it stands there, and as it is sent.
    private static void AddPassword(string? user, string? password, List<string?> found) =>
        found.AddRange([password, string.IsNullOrEmpty(password) ? null : $"{user}:{password}"]);

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

    /// <summary>A variable that holds a secret.</summary>
    /// <param name="Name">Not empty.</param>
    /// <param name="AddTo">Adds what is secret of its value, null = it is not set.</param>
    private sealed record NamedVariable(string Name, Action<List<string?>, string?> AddTo);

    private sealed record Snapshot(string?[] Values, IReadOnlyList<string> Known, SecretMasker Masker);
}
