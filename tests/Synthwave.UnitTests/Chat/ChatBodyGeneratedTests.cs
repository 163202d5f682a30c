using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;

namespace Synthwave.UnitTests.Chat;

public sealed class ChatBodyGeneratedTests
{
    private const int Cases = 2000;

    private static readonly string[] Names = ["model", "messages", "stream", "a", "b/c", "é", "😀", "with \"quotes\""];

    [Fact]
    public void Rendered_edits_parse_to_the_edited_document()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var generator = new RequestGenerator(seed);
            var (model, untouched, json) = Document(generator);
            var order = model.Keys.ToList();
            var body = ChatBody.FromJson(Encoding.UTF8.GetBytes(json));

            for (var edits = generator.Random.Next(8); edits > 0; edits--)
            {
                body = Edit(generator, body, model, untouched);
            }

            var because = $"seed {seed}, document {json}";
            VerifyContent(body, model, because);
            VerifyUntouched(body, order, untouched, because);
        }
    }

    /// <summary>A document, its members by name, and the text of each member from name to value.</summary>
    private static (Dictionary<string, string> Model, Dictionary<string, string> Members, string Json) Document(RequestGenerator generator)
    {
        var model = new Dictionary<string, string>();
        var members = new Dictionary<string, string>();
        foreach (var name in Names.Where(_ => generator.Random.Next(3) > 0).OrderBy(_ => generator.Random.Next()).ToArray())
        {
            model[name] = name == "messages" ? generator.Array() : generator.Value();
            members[name] = generator.Member(name.Contains('"') ? "\"with \\\"quotes\\\"\"" : generator.Name(name), model[name]);
        }

        // Some documents are larger than what is rendered into one buffer.
        if (generator.Random.Next(3) == 0)
        {
            model["filler"] = $"\"{new string('f', 5000)}\"";
            members["filler"] = generator.Member("\"filler\"", model["filler"]);
        }

        return (model, members, generator.Space() + generator.Object(members.Values) + generator.Space());
    }

    private static ChatBody Edit(RequestGenerator generator, ChatBody body, Dictionary<string, string> model, Dictionary<string, string> untouched)
    {
        var name = generator.Pick(Names);
        switch (generator.Random.Next(3))
        {
            case 0:
                untouched.Remove(name);
                model.Remove(name);
                return body.Without(name);
            case 1:
                untouched.Remove(name);
                var value = name == "messages" ? generator.Array() : generator.Value();
                model[name] = value;
                return body.With(name, Encoding.UTF8.GetBytes(value));
            default:
                untouched.Remove("messages");
                var leading = generator.Value() + "," + generator.Value();
                var elements = Encoding.UTF8.GetBytes(model.GetValueOrDefault("messages", "[]"))[1..];
                var isEmpty = Encoding.UTF8.GetString(elements).Trim() == "]";
                model["messages"] = $"[{leading}{(isEmpty ? "" : ",")}{Encoding.UTF8.GetString(elements)}";
                return body.WithLeadingMessages(Encoding.UTF8.GetBytes(leading));
        }
    }

    private static void VerifyContent(ChatBody body, Dictionary<string, string> model, string because)
    {
        var rendered = body.ToArray();
        using var document = JsonDocument.Parse(rendered);
        var found = document.RootElement.EnumerateObject().Select(member => member.Name).ToList();
        found.Should().OnlyHaveUniqueItems(because).And.BeEquivalentTo(model.Keys, because);
        body.Length.Should().Be(rendered.Length, because);
        foreach (var (name, value) in model)
        {
            document.RootElement.GetProperty(name).GetRawText().Should().Be(value, because);
            body.TryGet(name, out var read).Should().BeTrue(because);
            Encoding.UTF8.GetString(read.Span).Should().Be(value, because);
        }

        foreach (var name in Names.Where(name => !model.ContainsKey(name)))
        {
            body.TryGet(name, out _).Should().BeFalse(because);
        }
    }

    private static void VerifyUntouched(ChatBody body, List<string> order, Dictionary<string, string> untouched, string because)
    {
        var text = Encoding.UTF8.GetString(body.ToArray());
        var at = 0;
        foreach (var member in order.Where(untouched.ContainsKey).Select(name => untouched[name]))
        {
            var next = text.IndexOf(member, at, StringComparison.Ordinal);
            next.Should().BeGreaterThanOrEqualTo(at, because);
            at = next + member.Length;
        }
    }
}
