using System.Collections.Immutable;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Simulation;

/// <summary>The texts of the demo's models, from the file that is part of the program. Immutable; read when first used.</summary>
internal sealed class DemoLibrary
{
    private const string Resource = "Synthwave.Simulation.demo.toml";
    private const string QuestionsPlace = "{questions}";

    /// <summary>Of the words of two questions so many must be common.</summary>
    private const double Alike = 0.5;

    private static readonly Lazy<DemoLibrary> Loaded = new(Load);

    private DemoLibrary(ImmutableArray<DemoQuestion> questions, DemoQuestion otherwise) => (Questions, Otherwise) = (questions, otherwise);

    public static DemoLibrary Instance => Loaded.Value;

    /// <summary>In file order; the first ones are the ones to suggest.</summary>
    public ImmutableArray<DemoQuestion> Questions { get; }

    /// <summary>What is said to every other question.</summary>
    public DemoQuestion Otherwise { get; }

    /// <summary>The question that is meant; null = none of them.</summary>
    public DemoQuestion? Find(string prompt)
    {
        var words = QuestionWords.Of(prompt);
        return Questions
            .Where(q => q.Needs.All(group => group.Any(words.Has)))
            .Select(q => (Question: q, Likeness: q.Forms.Max(words.Likeness)))
            .Where(q => q.Likeness >= Alike)
            .OrderByDescending(q => q.Likeness)
            .Select(q => q.Question)
            .FirstOrDefault();
    }

    /// <summary>The question all of whose drafts are among <paramref name="drafts"/>; null = they are not all there, or are somebody else's.</summary>
    public DemoQuestion? FindByDrafts(IEnumerable<string> drafts)
    {
        var sent = drafts.ToHashSet(StringComparer.Ordinal);
        return Questions.Prepend(Otherwise).FirstOrDefault(q => q.Drafts.Values.All(sent.Contains));
    }

    /// <summary>The library that a file holds.</summary>
    /// <param name="utf8">The content of the file.</param>
    /// <exception cref="InvalidOperationException">The file breaks a rule; the message names each.</exception>
    internal static DemoLibrary Parse(ReadOnlySpan<byte> utf8)
    {
        if (!TomlReader.TryRead(utf8, out var tree, out var error))
        {
            throw new InvalidOperationException($"demo.toml:{error.Position.Line}:{error.Position.Column}: {error.Message}");
        }

        var problems = new ProblemList("demo.toml");
        var root = new SectionReader(tree, "", problems);
        root.RefuseUnknownKeys(DemoKeys.Root);
        var items = root.Items(DemoKeys.Questions) ?? [];
        var questions = items.OfType<TomlTable>()
            .Select((table, i) => ReadQuestion(new SectionReader(table, root.ItemPath(DemoKeys.Questions, i), problems)))
            .ToImmutableArray();
        var list = string.Join('\n', questions.Select(q => $"- {q.Ask}"));
        var otherwise = root.Section(DemoKeys.Otherwise) is { } section ? ReadTexts(section, list) : null;
        var all = problems.All();
        return all.IsEmpty && otherwise is not null && !questions.IsEmpty
            ? new DemoLibrary(questions, otherwise)
            : throw new InvalidOperationException(all.IsEmpty ? "demo.toml: needs [[questions]] and [otherwise]" : string.Join('\n', all));
    }

    private static DemoLibrary Load()
    {
        using var stream = typeof(DemoLibrary).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The program was built without {Resource}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Parse(bytes);
    }

    private static DemoQuestion ReadQuestion(SectionReader section)
    {
        section.RefuseUnknownKeys(DemoKeys.Question);
        var ask = section.Require(DemoKeys.Ask, "");
        var also = section.TextList(DemoKeys.Also) ?? [];
        var needs = section.TextList(DemoKeys.Needs) ?? [];
        var votes = section.TextList(DemoKeys.Votes) ?? [];
        if (votes.Count > 0 && (votes.Count != DemoKeys.ByModel.Length || votes.Exists(v => v.Name is not ("yes" or "no"))))
        {
            section.Error(DemoKeys.Votes, "must be yes or no for each of the three models");
            votes = [];
        }

        var only = section.Section(DemoKeys.Only);
        return ReadTexts(section, questions: "") with
        {
            Ask = ask,
            Forms = [QuestionWords.Of(ask), .. also.Select(a => QuestionWords.Of(a.Name))],
            Needs = [.. needs.Select(n => n.Name.Split('|').ToImmutableArray())],
            Only = only is null ? ImmutableDictionary<string, string>.Empty : DemoKeys.ByModel.ToImmutableDictionary(m => m.Model, m => only.Require(m.Key, "")),
            Votes = votes.Zip(DemoKeys.ByModel).ToImmutableDictionary(v => v.Second.Model, v => v.First.Name == "yes"),
        };
    }

    private static DemoQuestion ReadTexts(SectionReader section, string questions) => new()
    {
        Ask = "",
        Forms = [],
        Needs = [],
        Drafts = DemoKeys.ByModel.ToImmutableDictionary(m => m.Model, m => Text(section, m.Key, questions)),
        Synthesis = Text(section, DemoKeys.Synthesis, questions),
        Only = ImmutableDictionary<string, string>.Empty,
        Votes = ImmutableDictionary<string, bool>.Empty,
    };

    private static string Text(SectionReader section, TextKey key, string questions) =>
        section.Require(key, "").Trim().Replace(QuestionsPlace, questions, StringComparison.Ordinal);
}
