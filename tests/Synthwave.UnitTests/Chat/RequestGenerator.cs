using System.Globalization;
using System.Text;

namespace Synthwave.UnitTests.Chat;

/// <summary>Random JSON, reproducible from a seed.</summary>
internal sealed class RequestGenerator(int seed)
{
    private static readonly string[] Texts =
        ["", "a", "line\\nbreak", "\\u00e9", "é", "日本", "\\ud83d\\ude00", "😀", "\\\"q\\\"", "\\\\", "\\/", "}{][,:", "\\u0000", "\\ud800"];

    private static readonly string[] Numbers = ["0", "-1", "1.10", "1E5", "12345678901234567890123", "0.5e-3"];

    private static readonly string[] Spaces = ["", "", "", " ", "\n", "\t  ", "\r\n"];

    public Random Random { get; } = new(seed);

    public string Space() => Pick(Spaces);

    public T Pick<T>(T[] choices) => choices[Random.Next(choices.Length)];

    public string Value(int depth = 0)
    {
        switch (Random.Next(depth > 3 ? 5 : 7))
        {
            case 0:
                return "null";
            case 1:
                return Random.Next(2) == 0 ? "true" : "false";
            case 2:
                return Pick(Numbers);
            case 3 or 4:
                return $"\"{Pick(Texts)}{Pick(Texts)}\"";
            case 5:
                return Array(depth);
            default:
                return Object(Enumerable.Range(0, Random.Next(4)).Select(at => ($"\"k{at}\"", Value(depth + 1))));
        }
    }

    public string Array(int depth = 0)
    {
        var elements = Enumerable.Range(0, Random.Next(4)).Select(_ => Space() + Value(depth + 1) + Space());
        return $"[{Space()}{string.Join(',', elements)}]";
    }

    /// <summary>An object of members (name with quotes, value) with random spacing.</summary>
    public string Object(IEnumerable<(string Name, string Value)> members) => Object(members.Select(member => Member(member.Name, member.Value)));

    /// <summary>An object of members as <see cref="Member"/> writes them.</summary>
    public string Object(IEnumerable<string> members) => $"{{{Space()}{string.Join(',', members.Select(member => Space() + member + Space()))}}}";

    public string Member(string name, string value) => name + Space() + ":" + Space() + value;

    /// <summary>A name in quotes, some of its characters escaped.</summary>
    public string Name(string name)
    {
        var text = new StringBuilder("\"");
        foreach (var rune in name.EnumerateRunes())
        {
            var written = rune.ToString();
            text.Append(Random.Next(8) == 0
                ? string.Concat(written.Select(unit => "\\u" + ((int)unit).ToString("x4", CultureInfo.InvariantCulture)))
                : written);
        }

        return text.Append('"').ToString();
    }

    /// <summary>A body the reader accepts.</summary>
    public string ValidBody()
    {
        var members = new List<(string, string)> { (Name("model"), "\"m\""), (Name("messages"), Messages()) };
        (string Name, string[] Values)[] others =
        [
            ("stream", ["true", "false", "null", "\"yes\"", "1"]),
            ("temperature", ["0", "2", "1.5", "null", "\"1\""]),
            ("max_tokens", ["1", "100", "\"7\"", "8.0"]),
            ("stop", ["null", "\"x\"", "[\"x\",\"y\"]"]),
            ("tools", ["[]", "null", "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{}}}]"]),
            ("tool_choice", ["null", "\"auto\"", "\"none\""]),
            ("parallel_tool_calls", ["null", "true"]),
            ("stream_options", ["{}", "{\"include_usage\":true}", "null"]),
            ("x_meta_model", ["{}", "null", "{\"profile\":\"p\",\"trace\":true,\"max_calls\":3}"]),
        ];
        foreach (var (name, values) in others.Where(_ => Random.Next(2) == 0))
        {
            members.Insert(Random.Next(members.Count + 1), (Name(name), Pick(values)));
        }

        for (var extra = Random.Next(4); extra > 0; extra--)
        {
            members.Insert(Random.Next(members.Count + 1), (Name($"extra{extra}"), Value()));
        }

        return Object(members);
    }

    private string Messages()
    {
        string[] messages =
        [
            "{\"role\":\"user\",\"content\":\"h\\u00e9llo\\n\"}",
            "{\"role\":\"system\",\"content\":null,\"name\":\"n\"}",
            "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}",
            "{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"\\ud800\"}",
            "{\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"image_url\":{\"url\":\"x\"},\"type\":\"image_url\"}],\"role\":\"user\"}",
            "{\"role\":\"developer\",\"extra\":{\"deep\":[1,{\"x\":[]}]}}",
        ];
        return $"[{string.Join(',', Enumerable.Range(0, 1 + Random.Next(5)).Select(_ => Space() + Pick(messages) + Space()))}]";
    }
}
