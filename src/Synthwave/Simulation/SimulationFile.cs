using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Simulation;

/// <summary>What a simulation file holds: models, or every reason why not.</summary>
/// <param name="Models">In file order; empty when there is a problem.</param>
/// <param name="Problems">In file order. Any of them keeps the file from being used.</param>
internal sealed record SimulationFile(ImmutableArray<SimulatedModel> Models, ImmutableArray<ConfigProblem> Problems)
{
    private const string ExampleResource = "Synthwave.Simulation.simulate.toml.example";

    private const int LargestFile = 64 * 1024 * 1024;

    /// <summary>A file that explains every key, as part of the program.</summary>
    /// <exception cref="InvalidOperationException">The program was built without it.</exception>
    public static string Example()
    {
        using var stream = typeof(SimulationFile).Assembly.GetManifestResourceStream(ExampleResource)
            ?? throw new InvalidOperationException($"The program was built without {ExampleResource}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static SimulationFile Load(string path)
    {
        var (content, trouble) = PlainFile.Read(path, LargestFile);
        return content is not null
            ? Parse(content, path)
            : new SimulationFile([], [new ConfigProblem(path, 0, 0, "", $"the file {(trouble ?? FileTrouble.Unreadable).Words(LargestFile)}", "--config names the file with the models to simulate; synthwave simulate --example prints one to begin with")]);
    }

    /// <param name="utf8">The file's content.</param>
    /// <param name="path">What problems call the file.</param>
    public static SimulationFile Parse(ReadOnlySpan<byte> utf8, string? path)
    {
        if (!TomlReader.TryRead(utf8, out var tree, out var error))
        {
            return new SimulationFile([], [new ConfigProblem(path, error.Position.Line, error.Position.Column, "", error.Message, null)]);
        }

        var problems = new ProblemList(path);
        var root = new SectionReader(tree, "", problems);
        root.RefuseUnknownKeys(SimulationKeys.Root);
        var models = root.Sections(SimulationKeys.Models).Select(m => ReadModel(m.Name, m.Section)).ToImmutableArray();
        if (models.IsEmpty && !root.IsBroken)
        {
            root.ReportMissing(SimulationKeys.Models);
        }

        var all = problems.All();
        return new SimulationFile(all.IsEmpty ? models : [], all);
    }

    private static SimulatedModel ReadModel(string id, SectionReader section)
    {
        section.RefuseUnknownKeys(SimulationKeys.Model);
        var model = new SimulatedModel
        {
            Id = id,
            Reasoning = section.OptionalText(SimulationKeys.Reasoning),
            ToolCalls = ReadToolCalls(section),
            Usage = ReadUsage(section),
            FirstTokenDelay = TimeSpan.FromMilliseconds(section.Read(SimulationKeys.FirstTokenMs, 0)),
            TokensPerSecond = section.Read(SimulationKeys.TokensPerSec, 0),
            Listed = section.Read(SimulationKeys.Listed, true),
            Fault = ReadFault(section),
        };
        var texts = ReadTexts(section);
        if (!texts.IsEmpty)
        {
            return model with { Texts = texts };
        }

        // A model that only calls functions writes no text at all.
        return model.ToolCalls.IsEmpty ? model : model with { Responder = static _ => new SimulatedAnswer() };
    }

    private static ImmutableArray<string> ReadTexts(SectionReader section)
    {
        if (section.Has(SimulationKeys.Text) && section.Has(SimulationKeys.Texts))
        {
            section.Error(SimulationKeys.Texts, "stands beside text", "keep one of the two");
        }

        if (section.OptionalText(SimulationKeys.Text) is { } text)
        {
            return [text];
        }

        if (section.TextList(SimulationKeys.Texts) is not { } list)
        {
            return [];
        }

        if (list.Count == 0 && !section.IsBroken)
        {
            section.Error(SimulationKeys.Texts, "must have at least one text");
        }

        return [.. list.Select(t => t.Name)];
    }

    private static ImmutableArray<SimulatedToolCall> ReadToolCalls(SectionReader section)
    {
        var calls = ImmutableArray.CreateBuilder<SimulatedToolCall>();
        var items = section.Items(SimulationKeys.ToolCalls) ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            var path = section.ItemPath(SimulationKeys.ToolCalls, i);
            if (items[i] is not TomlTable table)
            {
                section.ErrorAt(items[i].Position, path, $"must be a table; found {items[i].TypeName}", "write { name = \"…\", arguments = { } }");
                continue;
            }

            var call = new SectionReader(table, path, section.Problems);
            call.RefuseUnknownKeys(SimulationKeys.CallSchema);
            calls.Add(new SimulatedToolCall(call.Require(SimulationKeys.CallName, ""), ReadArguments(call), call.OptionalText(SimulationKeys.CallId)));
        }

        return calls.ToImmutable();
    }

    private static string ReadArguments(SectionReader call) =>
        call.Table.Find(SimulationKeys.ArgumentsTable.Name)?.Value is TomlTable && call.Section(SimulationKeys.ArgumentsTable) is { } arguments
            ? JsonSetting.Object(arguments) ?? "{}"
            : call.OptionalText(SimulationKeys.ArgumentsText) ?? "{}";

    private static SimulatedUsage? ReadUsage(SectionReader section) => section.Section(SimulationKeys.Usage) is { } usage
        ? new SimulatedUsage(usage.Require(SimulationKeys.PromptTokens, 0), usage.Require(SimulationKeys.CompletionTokens, 0))
        : null;

    private static SimulatedFault? ReadFault(SectionReader section)
    {
        if (section.Section(SimulationKeys.Fault) is not { } fault)
        {
            return null;
        }

        return new SimulatedFault(fault.Require(SimulationKeys.Kind, SimulatedFaultKind.Status))
        {
            Status = fault.Optional(SimulationKeys.Status),
            RetryAfter = fault.Optional(SimulationKeys.RetryAfter),
            AfterTokens = fault.Optional(SimulationKeys.AfterTokens),
            Every = fault.Read(SimulationKeys.Every, 1),
            First = fault.Optional(SimulationKeys.First),
        };
    }
}
