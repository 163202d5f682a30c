using System.Text;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration.Reference;

/// <summary>
/// Writes <c>meta-model.toml.example</c>: a small configuration that works, with every other key beside it, switched off. What is said of
/// a key, its default and its example come from the key's declaration; only the story is told here.
/// </summary>
internal sealed class ExampleFile
{
    private const string Head = """
        # Synthwave configuration: every key there is.
        #
        # Copy to meta-model.toml, or name the file with --config or META_MODEL_CONFIG. `synthwave check` says everything that is wrong with it,
        # `synthwave check --effective` prints it with all defaults filled in. Changes are picked up without a restart.
        #
        # A line that starts with "# " is an explanation. A line that starts with "#" and no space is a setting: remove the "#" to use it.
        # Settings that are written out below show their default value unless the comment says otherwise.
        #
        # Durations are seconds. Keys can be given here, but are better kept in environment variables or files. Any string may hold
        # ${NAME} or ${NAME:-default}, and $$ for a dollar sign. docs/configuration.md is the reference.


        """;

    private readonly StringBuilder _text = new(Head);
    private readonly HashSet<ConfigKey> _explained = [];

    public static string Write()
    {
        var file = new ExampleFile();
        file.AddServer();
        file.AddUpstreams();
        file.AddProfiles();
        file.AddModalities();
        return file._text.ToString().TrimEnd('\n') + "\n";
    }

    private void AddServer()
    {
        Add("server", ServerTable.Keys, Values(("host", "\"127.0.0.1\""), ("port", "8400")));
        Add("features", FeaturesTable.Keys, []);
        Add("history", HistoryTable.Keys, []);
    }

    private void AddUpstreams()
    {
        Say("Upstreams: one table per model endpoint. The name is yours.");
        Add(
            "upstreams.quick",
            UpstreamTable.Keys,
            Values(("model_id", "\"Qwen/Qwen3-8B\""), ("base_url", "\"http://127.0.0.1:8001/v1\""), ("context", "32768"), ("max_output", "4096")),
            shown: key => !IsBasic(key) && key != UpstreamTable.Provider && key != UpstreamTable.ApiKeyFrom && key != UpstreamTable.Anthropic && key != UpstreamTable.Tls);
        Say("With a user and a password, the password in an environment variable.");
        Add(
            "upstreams.careful",
            UpstreamTable.Keys,
            Values(
                ("model_id", "\"meta-llama/Llama-3.3-70B-Instruct\""), ("base_url", "\"http://127.0.0.1:8002/v1\""), ("context", "131072"), ("max_output", "8192")),
            shown: key => key == UpstreamTable.BasicAuthUser || key == UpstreamTable.BasicAuthPassEnv);
        Say("A model that sees, with a password in the file.");
        Add(
            "upstreams.bold",
            UpstreamTable.Keys,
            Values(
                ("model_id", "\"mistralai/Mistral-Small-3.2-24B-Instruct-2506\""),
                ("base_url", "\"http://127.0.0.1:8003/v1\""),
                ("context", "131072"),
                ("max_output", "8192"),
                ("modalities", "[\"text\", \"image\"]")),
            shown: key => key == UpstreamTable.BasicAuthUser || key == UpstreamTable.BasicAuthPass);
        Say("An endpoint inside, with secrets and certificates in files. (Example.)");
        Add(
            "upstreams.inside",
            UpstreamTable.Keys,
            Values(("model_id", "\"inside\""), ("base_url", "\"https://models.internal/v1\""), ("context", "32768"), ("max_output", "4096")),
            shown: key => key == UpstreamTable.BasicAuthUser || key == UpstreamTable.BasicAuthPassFile || key == UpstreamTable.Tls,
            isOn: false);
        Say("An endpoint that every caller uses with a key of its own. (Example.)");
        Add(
            "upstreams.shared",
            UpstreamTable.Keys,
            Values(
                ("model_id", "\"openai/gpt-oss-120b\""),
                ("base_url", "\"https://shared.example/v1\""),
                ("context", "131072"),
                ("max_output", "16384"),
                ("api_key_from", "\"client\"")),
            shown: static _ => false,
            isOn: false);
        Say("A provider that is known: the rest comes from its preset and from the list of models. (Example.)");
        Add("upstreams.known", UpstreamTable.Keys, Values(("provider", "\"openai\""), ("model_id", "\"gpt-5.5\"")), shown: static _ => false, isOn: false);
        Say("What several upstreams of one provider have in common. Most keys of an upstream may stand here. (Example.)");
        Add("providers.inside", ProviderTable.Keys, Values(("extends", "\"vllm\""), ("base_url", "\"http://10.0.0.5:8000/v1\"")), shown: static _ => false, isOn: false);
        Say("An endpoint that speaks the Anthropic protocol. (Example.)");
        Add(
            "upstreams.claude",
            UpstreamTable.Keys,
            Values(
                ("model_id", "\"claude-sonnet-4-5\""),
                ("base_url", "\"https://api.anthropic.com/v1\""),
                ("context", "200000"),
                ("max_output", "16384"),
                ("protocol", "\"anthropic\""),
                ("api_key_env", "\"ANTHROPIC_API_KEY\""),
                ("modalities", "[\"text\", \"image\", \"video\", \"audio\"]"),
                ("supports_thinking", "true")),
            shown: key => key == UpstreamTable.Anthropic,
            isOn: false);
    }

    private void AddProfiles()
    {
        Say("Profiles: what clients ask for as a model.");
        Say($"{Prose.Sentence(Kind("moa").Meaning)} The keys every kind of profile has are shown here too.");
        Add(
            "profiles.ensemble",
            Kind("moa").Schema,
            Values(
                ("type", "\"moa\""),
                ("generators", "[\"quick\", \"careful\", { upstream = \"bold\", samples = 1, temperature = 0.7 }]"),
                ("synthesizer", "\"careful\""),
                ("aliases", "[\"best\"]")),
            shown: key => key.Name != "grace_secs");
        Say("An ensemble with a fixed wait for stragglers instead of patience. (Example.)");
        Add(
            "profiles.hasty",
            Kind("moa").Schema,
            Values(("type", "\"moa\""), ("generators", "[\"quick\", \"bold\"]"), ("synthesizer", "\"quick\"")),
            shown: key => key.Name == "grace_secs",
            isOn: false);
        Say($"Cascade: {Prose.Sentence(Kind("cascade").Meaning)}");
        Add(
            "profiles.relay",
            Kind("cascade").Schema,
            Values(("type", "\"cascade\""), ("upstreams", "[\"quick\", \"careful\"]")),
            shown: key => !ProfileTable.Keys.Keys.Contains(key));
        Say($"Voting: {Prose.Sentence(Kind("voting").Meaning)} (Example.)");
        Add(
            "profiles.jury",
            Kind("voting").Schema,
            Values(("type", "\"voting\""), ("upstreams", "[\"quick\", \"careful\", \"bold\"]"), ("aggregation", "\"weighted\"")),
            shown: key => !ProfileTable.Keys.Keys.Contains(key),
            isOn: false);
    }

    private void AddModalities()
    {
        Say("Requests with images, video or audio go to these upstreams, best first.");
        Add("vision", ModalityTables.Vision, Values(("endpoints", "[\"bold\"]")));
        Add("video", ModalityTables.Video, []);
        Add("audio", ModalityTables.Audio, []);
    }

    /// <summary>One table: settings with a value of their own, then the other keys that are to be shown, then the tables inside it.</summary>
    private void Add(string path, TableSchema schema, Dictionary<string, string> values, Func<ConfigKey, bool>? shown = null, bool isOn = true)
    {
        values.Keys.Except(schema.Keys.Select(k => k.Name)).Should().BeEmpty("[{0}] of the example has known keys only", path);
        _text.Append(isOn ? $"[{path}]\n" : $"#[{path}]\n");
        var keys = schema.Keys.Where(k => values.ContainsKey(k.Name) || shown is null || shown(k)).ToList();
        var inner = keys.OfType<TableKey>().Where(k => k.Schema is not null).ToList();
        foreach (var key in keys.Except(inner).OrderBy(k => values.ContainsKey(k.Name) ? 0 : 1))
        {
            AddSetting(key, schema, values.GetValueOrDefault(key.Name), isOn);
        }

        _text.Append('\n');
        foreach (var key in inner)
        {
            Say($"{Explanation(key)} (Example.)");
            Add($"{path}.{key.Name}", key.Schema!, [], isOn: false);
        }
    }

    private void AddSetting(ConfigKey key, TableSchema schema, string? written, bool isOn)
    {
        var usual = schema.DefaultOf(key) is { } value ? TomlWriter.Inline(value) : null;
        var shown = written ?? key.Example ?? usual ?? throw new InvalidOperationException($"{schema.Title} {key.Name} has neither default nor example.");
        var isSetting = written is not null && isOn;
        var mark = !isSetting && isOn && shown != usual ? "(Example.)" : "";
        var comment = string.Join(' ', new[] { _explained.Add(key) ? Explanation(key) : "", mark }.Where(part => part.Length > 0));
        if (comment.Length > 0)
        {
            Say(comment);
        }

        _text.Append(isSetting ? "" : "#").Append(key.Name).Append(" = ").Append(shown).Append('\n');
    }

    private static string Explanation(ConfigKey key)
    {
        // A value of a plain type shows it.
        var expects = key.Expects is "a string" or "a string that is not empty" or "true or false" or "a list of strings" or "a table" ? "" : $" ({key.Expects})";
        var sentences = new[]
        {
            Prose.Sentence($"{key.Meaning}{expects}"),
            key.Details,
            key.IsRequired ? key.RequiredWithout is { } other ? $"Required without {other}." : "Required." : null,
            key.WhenAbsent is { } absent ? $"Without it: {absent}." : null,
        };
        return string.Join(' ', sentences.OfType<string>());
    }

    private void Say(string text) => _text.AppendJoin('\n', Prose.Comment(text)).Append('\n');

    private static bool IsBasic(ConfigKey key) =>
        key == UpstreamTable.BasicAuthUser || key == UpstreamTable.BasicAuthPass || key == UpstreamTable.BasicAuthPassEnv || key == UpstreamTable.BasicAuthPassFile;

    private static ProfileKind Kind(string word) => ProfileKinds.All.Single(k => k.Word == word);

    private static Dictionary<string, string> Values(params (string Key, string Value)[] values) => values.ToDictionary(v => v.Key, v => v.Value);
}
