using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Synthwave.Simulation;
using Synthwave.Simulation.Items;
using Synthwave.TestKit;

namespace Synthwave.Proof.Oracles;

/// <summary>
/// Panels and juries asked over HTTP, through the gateway, by the thousand. A synthesizer sees nothing but the drafts it is sent, so that a table that comes
/// out right also says that every draft arrived, whole and once.
/// </summary>
internal static class OracleProof
{
    private const int LargestPanel = 9;
    private const int LargestJury = 5;
    private const int Concurrency = 16;

    private static readonly ImmutableArray<int> Panels = [1, 3, 5, 7, LargestPanel];

    public static async Task<IReadOnlyList<Bound>> RunAsync(ProofOptions options, TextWriter output)
    {
        var questions = options.CountOr(full: 20_000, quick: 500);
        var oracles = Oracle.All(options.Seed);
        var juries = VoteOracle.All(options.Seed);
        await using var stage = await StageAsync(oracles, juries);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{questions} questions a cell, over HTTP\n"));
        output.WriteLine(OracleCell.Header);

        var bounds = new List<Bound>();
        foreach (var panel in Panels)
        {
            var (cells, incomplete) = await AskPanelAsync(stage, panel, oracles, questions);
            Report(cells, bounds, output);
            bounds.Add(new(incomplete == 0, string.Create(CultureInfo.InvariantCulture, $"panel of {panel}: {incomplete} of {questions} answers lack a draft, none may")));
        }

        foreach (var jury in juries)
        {
            var majority = await AskJuryAsync(stage, jury, jury.MajorityProfile, jury.Majority, questions);
            var weighted = await AskJuryAsync(stage, jury, jury.WeightedProfile, jury.Weighted, questions);
            Report([majority, weighted], bounds, output);
            var best = jury.Accuracies.Max();
            bounds.Add(new(weighted.Observed >= best - weighted.Tolerance, string.Create(CultureInfo.InvariantCulture, $"{jury.WeightedProfile}: {weighted.Observed:0.0000}, not below its best member's {best:0.00}")));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{stage.Models.RequestCount} upstream calls"));
        return bounds;
    }

    private static Task<Stage> StageAsync(ImmutableArray<Oracle> oracles, ImmutableArray<VoteOracle> juries)
    {
        var sheet = new ItemSheet([.. oracles.Select(o => o.Kind), .. juries.Select(j => j.Kind)]);
        var accuracy = oracles.ToDictionary(o => o.Kind.Name, o => o.Accuracy, StringComparer.Ordinal);
        var voters = juries.ToDictionary(j => j.Kind.Name, j => j.Accuracies, StringComparer.Ordinal);
        var synthesizer = new ItemSynthesizer(sheet, ItemRule.Majority);
        SimulatedModel[] models =
        [
            .. Enumerable.Range(1, LargestPanel).Select(i => SimulatedModel.Answering(Id('g', i), new ItemAuthor { Sheet = sheet, Number = i, Accuracy = k => accuracy[k.Name] }.Answer)),
            .. Enumerable.Range(1, LargestJury).Select(i => SimulatedModel.Answering(Id('v', i), new ItemAuthor { Sheet = sheet, Number = i, Accuracy = k => voters[k.Name][i - 1] }.Answer)),
            SimulatedModel.Answering("s", synthesizer.Answer),
        ];

        // A loaded machine must not cost a draft: whoever is slow is waited for.
        var panels = Panels.Select(n => $"[profiles.panel-{n}]\ntype = \"moa\"\ngenerators = [{string.Join(", ", Enumerable.Range(1, n).Select(i => $"\"{Id('g', i)}\""))}]\nsynthesizer = \"s\"\ngrace_secs = 120\n");
        return Stage.StartAsync(models, $"[features]\nvoting = true\n{string.Concat(panels)}{string.Concat(juries.Select(j => j.ToToml()))}");
    }

    private static async Task<(IReadOnlyList<OracleCell> Cells, int Incomplete)> AskPanelAsync(Stage stage, int panel, ImmutableArray<Oracle> oracles, int questions)
    {
        ImmutableArray<Oracle> asked = [.. oracles.Where(o => o.Expected.Any(e => e.Models == panel))];
        var right = new int[asked.Length];
        var incomplete = 0;
        await ForAllAsync(questions, async number =>
        {
            ImmutableArray<ItemQuestion> sheet = [.. asked.Select(o => new ItemQuestion(o.Kind, number))];
            var (text, drafts) = await AskAsync(stage, $"panel-{panel}", string.Join(' ', sheet.Select(q => q.Name)));
            if (drafts != panel)
            {
                Interlocked.Increment(ref incomplete);
            }

            var answers = ItemSheet.Answers(text, sheet);
            for (var i = 0; i < sheet.Length; i++)
            {
                if (answers[i] == sheet[i].Truth)
                {
                    Interlocked.Increment(ref right[i]);
                }
            }
        });
        return ([.. asked.Select((o, i) => new OracleCell(o.Kind.Name, panel, o.Expected.Single(e => e.Models == panel).Share, right[i], questions, o.Slack))], incomplete);
    }

    private static async Task<OracleCell> AskJuryAsync(Stage stage, VoteOracle jury, string profile, double expected, int questions)
    {
        var right = 0;
        await ForAllAsync(questions, async number =>
        {
            var question = new ItemQuestion(jury.Kind, number);
            var (text, _) = await AskAsync(stage, profile, question.Name);
            if (string.Equals(text, question.Truth, StringComparison.OrdinalIgnoreCase))
            {
                Interlocked.Increment(ref right);
            }
        });
        return new OracleCell(profile, jury.Accuracies.Length, expected, right, questions, Slack: 0.00005);
    }

    private static async Task<(string Text, int? Drafts)> AskAsync(Stage stage, string profile, string prompt)
    {
        using var response = await stage.Gateway.Client.PostAsync("/v1/chat/completions", ChatCall.Content(ChatCall.Body(profile, prompt)));
        var body = await response.Content.ReadAsByteArrayAsync();
        if (response.StatusCode is not HttpStatusCode.OK)
        {
            throw new InvalidOperationException($"{profile} answered {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
        }

        using var json = JsonDocument.Parse(body);
        var text = json.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        int? drafts = response.Headers.TryGetValues("X-MetaModel-Quorum", out var quorum) && int.TryParse(quorum.First().Split('/')[0], CultureInfo.InvariantCulture, out var count) ? count : null;
        return (text, drafts);
    }

    private static Task ForAllAsync(int count, Func<long, Task> ask) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (number, _) => await ask(number));

    private static void Report(IReadOnlyList<OracleCell> cells, List<Bound> bounds, TextWriter output)
    {
        foreach (var cell in cells)
        {
            output.WriteLine(cell);
        }

        bounds.Add(new(
            cells.All(c => c.Holds),
            string.Create(CultureInfo.InvariantCulture, $"{cells[0].What}{(cells.Count > 1 ? $" … {cells[^1].What}" : "")}, {cells[0].Models} models: {cells.Count(c => c.Holds)} of {cells.Count} cells within three standard errors")));
    }

    private static string Id(char letter, int number) => string.Create(CultureInfo.InvariantCulture, $"{letter}{number}");
}
