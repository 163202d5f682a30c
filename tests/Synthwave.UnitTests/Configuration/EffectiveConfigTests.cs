using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Configuration;

public sealed partial class EffectiveConfigTests
{
    private static readonly (string, string)[] Variables =
        [("QUICK_API_KEY", "k"), ("CAREFUL_PASSWORD", "p"), ("ANTHROPIC_API_KEY", "k"), ("SYNTHWAVE_TOKEN", "t"), ("SYNTHWAVE_ADMIN_TOKEN", "u")];

    // The certificates that the example names.
    private static readonly Lazy<string> Certificates = new(() =>
    {
        using var authority = new TestAuthority();
        var (certificate, key) = authority.Issue("client");
        var directory = Directory.CreateTempSubdirectory("synthwave-example-").FullName;
        File.WriteAllText(Path.Combine(directory, "ca.pem"), authority.Pem);
        File.WriteAllText(Path.Combine(directory, "client.pem"), certificate);
        File.WriteAllText(Path.Combine(directory, "client.key"), key);
        return directory;
    });

    [Fact]
    public void The_example_loads_without_a_warning()
    {
        var config = Loading.Clean(Example());

        config.Upstreams.Should().HaveCount(3);
        config.Profiles.Select(p => p.Type).Should().Equal("moa", "cascade");
    }

    [Fact]
    public void The_example_with_every_setting_switched_on_is_valid()
    {
        Loading.Valid(SwitchedOn(), Variables).Profiles.Select(p => p.Type).Should().Equal("moa", "moa", "cascade", "voting");
    }

    [Fact]
    public void Settings_in_the_example_that_show_the_default_do()
    {
        var plain = EffectiveConfigWriter.Write(Loading.Clean(Example()));
        var lines = Example().Split('\n');

        // A setting shows the default unless the comment above its group says it is an example.
        for (var i = 0; i < lines.Length; i++)
        {
            if (!Setting().IsMatch(lines[i]) || IsExample(lines, i))
            {
                continue;
            }

            var one = string.Join('\n', lines.Select((line, n) => n == i ? line[1..] : line));
            EffectiveConfigWriter.Write(Loading.Valid(one)).Should().Be(plain, "line {0}, {1}, shows a default", i + 1, lines[i]);
        }
    }

    [Fact]
    public void The_example_shows_every_key_there_is()
    {
        var shown = new HashSet<ConfigKey>();
        Collect(ConfigSchema.Root, TomlTree(SwitchedOn()), shown);

        // Keys that several tables share need to be shown once.
        var missing = ConfigSchema.All.SelectMany(s => s.Keys.Where(k => !shown.Contains(k)), (s, k) => $"{s.Title} {k.Name}");

        missing.Should().BeEmpty();
    }

    [Fact]
    public void The_schema_lists_every_table_with_keys()
    {
        var nested = ConfigSchema.All.SelectMany(s => s.Keys).Select(k => k is TableKey t ? t.Schema : (k as MixedListKey)?.Schema).OfType<TableSchema>();

        ConfigSchema.All.Should().Contain(nested).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_effective_example_loads_again_as_the_same_configuration()
    {
        ShouldSurvive(Loading.Valid(SwitchedOn(), Variables));
    }

    [Fact]
    public void Odd_values_survive_too()
    {
        var config = Loading.Valid(
            Loading.TwoUpstreams + """"
                [server]
                system_prompt = """
                Line one
                "quoted" \\ 'line' two é 😀"""
                cors_allow_origins = []
                [upstreams."c d".hedge]
                after = 0.25
                [upstreams."c d"]
                model_id = "m"
                base_url = "http://c.test"
                context = 100
                max_output = 10
                supports_thinking = true
                chat_template_kwargs = { "a b" = [1, 1.0, true, { x = "y" }], big = 9223372036854775807, tiny = 1e-300 }
                request_overrides = { stop = [], o = {}, when = "1979-05-27" }
                openai = {}
                price = { input = 0.1, output = 0.000001 }
                [profiles."a.b"]
                type = "moa"
                generators = [{ upstream = "a", samples = 2 }, { upstream = "b", temperature = 0 }]
                synthesizer = "a"
                [profiles.v]
                type = "voting"
                upstreams = ["a", "b"]
                aggregation = "weighted"
                weights = { b = 0.5 }
                tie = "no"
                failure_vote = "no"
                [vision]
                describe_prompt = ""
                describe_temperature = 3
                """",
            (ConfigLoader.GraceVariable, "1.25"));

        ShouldSurvive(config);
    }

    [Fact]
    public void Defaults_are_written_out()
    {
        var text = EffectiveConfigWriter.Write(new GatewayConfig());

        text.Should().Contain("port = 8400\n").And.Contain("request_timeout_secs = 600\n").And.Contain("voting = false\n").And.Contain("describe_image_cap = 4\n");
    }

    [Fact]
    public void No_secret_is_written()
    {
        var config = Loading.Valid("""
            [server]
            bearer_token = "SECRET-1"
            [upstreams.a]
            model_id = "m"
            base_url = "https://user:SECRET-2@a.test/v1"
            context = 100
            max_output = 10
            api_key = "SECRET-3"
            proxy = "http://SECRET-4:SECRET-5@proxy.test:3128"
            headers = { authorization = "SECRET-6" }
            [upstreams.b]
            model_id = "m"
            base_url = "https://b.test/@v1"
            context = 100
            max_output = 10
            basic_auth_user = "u"
            basic_auth_pass = "SECRET-7"
            """);

        var text = EffectiveConfigWriter.Write(config);

        text.Should().NotContain("SECRET");
        text.Should().Contain("https://***@a.test/v1").And.Contain("http://***@proxy.test:3128").And.Contain("https://b.test/@v1");
        Loading.Load(text).Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("https://h.test/v1?subscription-key=SECRET", "https://h.test/v1?subscription-key=***")]
    [InlineData("https://h.test/v1?api-version=2024-10-21&api-key=SECRET", "https://h.test/v1?api-version=2024-10-21&api-key=***")]
    [InlineData("https://h.test/v1?key=SECRET&alt=sse", "https://h.test/v1?key=***&alt=sse")]
    [InlineData("https://h.test/v1?Token=SECRET", "https://h.test/v1?Token=***")]
    [InlineData("https://h.test/v1?sv=1&sig=SECRET%3D", "https://h.test/v1?sv=1&sig=***")]
    [InlineData("https://h.test/v1?code=SECRET==", "https://h.test/v1?code=***")]
    [InlineData("https://h.test/v1?subscription%2Dkey=SECRET", "https://h.test/v1?subscription%2Dkey=***")]
    [InlineData("https://h.test/v1?accessToken=SECRET&x_api_key=SECRET", "https://h.test/v1?accessToken=***&x_api_key=***")]
    [InlineData("https://h.test/v1?sk-SECRET0123456789", "https://h.test/v1?***")]
    [InlineData("https://SECRET:SECRET@h.test/v1?key=SECRET@x", "https://***@h.test/v1?key=***")]
    [InlineData("https://SECRET@h.test?model=a@b&flag", "https://***@h.test?model=a@b&flag")]
    public void Secrets_in_urls_are_hidden(string url, string shown)
    {
        var config = Loading.Valid($"[upstreams.u]\nmodel_id='m'\nbase_url='{url}'\ncontext=100\nmax_output=10\nproxy='{url.Replace("https://", "http://")}'");

        var text = EffectiveConfigWriter.Write(config);

        text.Should().NotContain("SECRET").And.Contain($"base_url = \"{shown}\"");
        Loading.Load(text).Errors.Should().BeEmpty();
    }

    [Fact]
    public void Secrets_in_free_form_settings_are_hidden_and_nothing_else()
    {
        var config = Loading.Valid("""
            [upstreams.u]
            model_id = "m"
            base_url = "https://u.test/v1"
            context = 100
            max_output = 10
            supports_thinking = true
            chat_template_kwargs = { hf_token = "SECRET", eos = "plain-1", thinking = true }
            [upstreams.u.request_overrides]
            api_key = "SECRET"
            apiKey = "SECRET"
            "x-subscription-key" = "SECRET"
            password = 12345
            max_completion_tokens_hint = 77
            top_p = 0.5
            user = "plain-2"
            webhook = "https://SECRET@hook.test/?sig=SECRET&a=plain-3"
            note = "sk-SECRET-0123456789"
            extra_headers = { Authorization = "SECRET", X-Team = "SECRET" }
            nested = { list = [{ secret = ["SECRET"] }, "Bearer SECRET", "plain-4"] }
            """);

        var text = EffectiveConfigWriter.Write(config);

        text.Should().NotContain("SECRET").And.NotContain("12345");
        text.Should().ContainAll("plain-1", "plain-2", "plain-3", "plain-4", "0.5", "77", "https://***@hook.test/?sig=***");
        Loading.Load(text).Errors.Should().BeEmpty();
    }

    [Fact]
    public void What_is_no_word_is_hidden_wherever_a_value_is_free()
    {
        var config = Loading.Valid("""
            [upstreams.u]
            model_id = "m"
            base_url = "https://u.test/v1?x=0123456789abcdefSECRET&region=eu-west-1"
            context = 100
            max_output = 10
            health = "/health?token=SECRET&probe=plain-1"
            supports_thinking = true
            chat_template_kwargs = { x = "0123456789abcdefSECRET", y = "use Bearer SECRET" }
            request_overrides = { note = "ask with sk-SECRET-0123", model_name = "accounts/some/models/llama-v3p1-405b-instruct" }
            """);

        var text = EffectiveConfigWriter.Write(config);

        text.Should().NotContain("SECRET").And.ContainAll("region=eu-west-1", "/health?token=***&probe=plain-1", "llama-v3p1-405b-instruct");
        Loading.Load(text).Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("[server]\nport = 'sk-SECRET0123456789'")]
    [InlineData("[server]\nhealth_policy = 'Bearer SECRET'")]
    [InlineData("[server]\nport = 'https://me:SECRET@h.test'")]
    [InlineData("[server]\nlog_format = '0123456789abcdefSECRET'")]
    public void A_secret_at_the_wrong_key_is_not_quoted(string toml)
    {
        var errors = Loading.Load(toml).Errors;

        errors.Should().NotBeEmpty();
        string.Join('\n', errors).Should().NotContain("SECRET");
    }

    [Theory]
    [InlineData("type = 'moa'\ngenerators = ['a', 'b']\nsynthesizer = 'b'")]
    [InlineData("type = 'cascade'\nupstreams = ['a', 'b']")]
    [InlineData("type = 'voting'\nupstreams = ['a', 'b']")]
    public void A_brand_that_is_its_profiles_alias_loads_for_every_type(string lines)
    {
        var config = Loading.Clean($"[server]\nmodel_name = 'meta-model'\n\n{Loading.TwoUpstreams}[profiles.house]\naliases = ['meta-model']\n{lines}");

        config.Server.ModelName.Should().Be("meta-model");
        config.Profiles.Single().Aliases.Should().Equal("meta-model");
    }

    [Fact]
    public void Any_damage_to_the_example_gives_a_configuration_or_problems_with_places()
    {
        var example = Encoding.UTF8.GetBytes(SwitchedOn());
        ReadOnlySpan<byte> spice = "\"'[]{}=.,#\\\n -_0159eaxz"u8;
        for (var seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            var bytes = (byte[])example.Clone();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : spice[random.Next(spice.Length)];
            }

            var result = ConfigLoader.Parse(bytes, Loading.FileName, _ => null);

            (result.Config is null).Should().Be(result.Errors.Length > 0, "seed {0}", seed);
            var vague = result.Errors.Concat(result.Warnings).Where(p => p.Line <= 0 || p.Column <= 0 || p.Message.Length == 0);
            vague.Should().BeEmpty("seed {0} names places", seed);
            if (result.Config is { } config)
            {
                Loading.Load(EffectiveConfigWriter.Write(config)).Errors.Should().BeEmpty("the effective configuration of seed {0} is valid", seed);
            }
        }
    }

    private static void ShouldSurvive(GatewayConfig config)
    {
        var text = EffectiveConfigWriter.Write(config);

        var again = Loading.Valid(text, Variables);

        again.Should().BeEquivalentTo(WithoutSecrets(config), o => o.RespectingRuntimeTypes().WithStrictOrdering(), "the text was\n{0}", text);
        EffectiveConfigWriter.Write(again).Should().Be(text);
    }

    private static GatewayConfig WithoutSecrets(GatewayConfig config)
    {
        var hidden = new Secret("***");
        return config with
        {
            SourcePath = Loading.FileName,
            Server = config.Server with { BearerToken = config.Server.BearerToken is null ? null : hidden, AdminToken = config.Server.AdminToken is null ? null : hidden },
            Upstreams =
            [
                .. config.Upstreams.Select(u => u with
                {
                    Credentials = u.Credentials with
                    {
                        ApiKey = u.Credentials.ApiKey is null ? null : hidden,
                        BasicPass = u.Credentials.BasicPass is null ? null : hidden,
                    },
                    Headers = u.Headers.ToFrozenDictionary(h => h.Key, _ => hidden),
                }),
            ],
        };
    }

    /// <summary>The file's own convention: "#" without a space before a setting switches it off.</summary>
    private static string SwitchedOn() => Setting().Replace(Example(), "").Replace("/etc/synthwave", Certificates.Value, StringComparison.Ordinal);

    private static bool IsExample(string[] lines, int index)
    {
        var header = Array.FindLastIndex(lines, index, line => line.StartsWith('[') || line.StartsWith("#[", StringComparison.Ordinal));
        if (header < 0 || lines[header].StartsWith('#'))
        {
            return true;
        }

        while (index > header && !lines[index].StartsWith("# ", StringComparison.Ordinal))
        {
            index--;
        }

        // The mark may stand on any line of the comment.
        for (; lines[index].StartsWith("# ", StringComparison.Ordinal); index--)
        {
            if (lines[index].Contains("(Example", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static TomlTable TomlTree(string text) => Toml.TomlTrees.Read(text);

    private static void Collect(TableSchema schema, TomlTable table, HashSet<ConfigKey> shown)
    {
        foreach (var entry in table.Entries)
        {
            var known = schema.Find(entry.Key)!; // The text loaded without errors.
            shown.Add(known);
            switch (known)
            {
                case TableKey { Schema: { } nested }:
                    Collect(nested, (TomlTable)entry.Value, shown);
                    break;
                case MixedListKey list:
                    foreach (var item in ((TomlArray)entry.Value).Items.OfType<TomlTable>())
                    {
                        Collect(list.Schema, item, shown);
                    }

                    break;
                case TableKey key when key == ConfigSchema.Upstreams:
                    CollectNamed((TomlTable)entry.Value, _ => UpstreamTable.Keys, shown);
                    break;
                case TableKey key when key == ConfigSchema.Providers:
                    CollectNamed((TomlTable)entry.Value, _ => ProviderTable.Keys, shown);
                    break;
                case TableKey key when key == ConfigSchema.Profiles:
                    CollectNamed((TomlTable)entry.Value, ProfileSchema, shown);
                    break;
            }
        }
    }

    private static void CollectNamed(TomlTable parent, Func<TomlTable, TableSchema> schema, HashSet<ConfigKey> shown)
    {
        foreach (var child in parent.Entries.Select(e => (TomlTable)e.Value))
        {
            Collect(schema(child), child, shown);
        }
    }

    private static TableSchema ProfileSchema(TomlTable profile)
    {
        var word = ((TomlString)profile.Find("type")!.Value).Value;
        return ProfileKinds.All.Single(k => k.Word == word).Schema;
    }

    private static string Example() => File.ReadAllText(Path.Combine(Repository.Root, "meta-model.toml.example"));

    [GeneratedRegex("^#(?=[^ #\n])", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
