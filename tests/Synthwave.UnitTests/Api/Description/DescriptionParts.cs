using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Synthwave.UnitTests.Api.Description;

/// <summary>
/// Joins the parts of the API's description, which people write, into the one document that is served. Maps of the same name are joined; anything else that is said twice is an
/// error. <c>$include</c> stands for the members of an entry, or of several, of <c>fragments</c>.
/// </summary>
internal sealed partial class DescriptionParts
{
    private const string Head = "openapi";

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonObject _fragments;

    private DescriptionParts(JsonObject fragments) => _fragments = fragments;

    public static string Join(string folder)
    {
        var whole = Read(folder, Head);
        var names = whole["parts"]!.AsArray().Select(static n => (string)n!).ToArray();
        whole.Remove("parts");
        names.Append(Head).Should().BeEquivalentTo(Directory.EnumerateFiles(folder, "*.yaml").Select(Path.GetFileNameWithoutExtension), "the head names every part");
        foreach (var name in names)
        {
            Add(whole, Read(folder, name), name);
        }

        var fragments = whole["fragments"]!.AsObject();
        whole.Remove("fragments");
        return new DescriptionParts(fragments).Filled(whole)!.ToJsonString(Compact) + "\n";
    }

    private static JsonObject Read(string folder, string name)
    {
        using var reader = new StreamReader(Path.Combine(folder, name + ".yaml"));
        var stream = new YamlStream();
        stream.Load(reader);
        return Of(stream.Documents.Single().RootNode)!.AsObject();
    }

    private static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(static c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Of(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: var plain } => OfPlain(plain ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new InvalidOperationException($"{node.Start}: a {node.NodeType} has no place here."),
    };

    // The core schema: https://yaml.org/spec/1.2.2/#103-core-schema
    private static JsonValue? OfPlain(string text) => text switch
    {
        "" or "null" or "~" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when Number().IsMatch(text) => JsonValue.Create(decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(text),
    };

    private static void Add(JsonObject whole, JsonObject part, string where)
    {
        foreach (var (name, value) in part)
        {
            if (whole[name] is JsonObject into && value is JsonObject from)
            {
                Add(into, from, $"{where}: {name}");
            }
            else if (!whole.TryAdd(name, value?.DeepClone()))
            {
                throw new InvalidOperationException($"{where}: {name} has been told by another part.");
            }
        }
    }

    private JsonNode? Filled(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                return new JsonArray([.. list.Select(Filled)]);
            case JsonObject map:
                var filled = new JsonObject();
                foreach (var (name, value) in map.SelectMany(m => m.Key == "$include" ? Included(m.Value!) : [m]))
                {
                    filled.Add(name, name == "$include" ? throw new InvalidOperationException("An included fragment was not filled.") : Filled(value));
                }

                return filled;
            default:
                return node?.DeepClone();
        }
    }

    private IEnumerable<KeyValuePair<string, JsonNode?>> Included(JsonNode names) =>
        (names is JsonArray several ? several.Select(static n => (string)n!) : [(string)names!]).SelectMany(n => Filled(_fragments[n] ?? throw new InvalidOperationException($"No fragment is named {n}."))!.AsObject());

    [GeneratedRegex("^-?[0-9]+(\\.[0-9]+)?$")]
    private static partial Regex Number();
}
