using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Simulation.Items;
using Synthwave.TestKit;

namespace Synthwave.Proof.Wire;

/// <summary>Replies of every form that servers send, whole and broken: each becomes an answer that an official SDK folds, with all text and all calls and nothing twice, or a typed error.</summary>
internal static class WireProof
{
    private const int Concurrency = 32;
    private const int KindsShown = 20;

    private static readonly ImmutableArray<string> Models = ["a", "b", "c", "s"];

    private static readonly ImmutableArray<string> Routes = ["a", "cascade", "moa"];

    public static async Task<IReadOnlyList<Bound>> RunAsync(ProofOptions options, TextWriter output)
    {
        var count = options.CountOr(full: 100_000, quick: 3_000);
        await using var server = await WireServer.StartAsync(options.Seed);
        await using var gateway = await TestGateway.StartAsync($"""
            [server]
            request_timeout_secs = 20
            {string.Concat(Models.Select(m => $"[upstreams.{m}]\nmodel_id = \"{m}\"\nbase_url = \"{server.BaseUrl}\"\ncontext = 65536\nmax_output = 4096\nproxy = \"none\"\nretries = 0\nidle_timeout_secs = 1\n"))}
            [profiles.cascade]
            type = "cascade"
            upstreams = ["a", "b"]
            [profiles.moa]
            type = "moa"
            generators = ["a", "b", "c"]
            synthesizer = "s"
            """);

        var ends = new ConcurrentDictionary<(string Route, bool Streamed, string Way), int>();
        var codes = new ConcurrentDictionary<string, int>();
        var problems = new ConcurrentQueue<(string Kind, string Text)>();
        using var run = new CancellationTokenSource();
        var closing = Circuits.KeepClosedAsync(gateway, run.Token);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (number, _) => await AskAsync(number));
        await run.CancelAsync();
        await closing;

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} requests\n"));
        string[] ways = [.. ends.Keys.Select(k => k.Way).Distinct().Order()];
        output.WriteLine($"{"route",-16} {string.Join(' ', ways.Select(w => $"{w,18}"))}");
        foreach (var (route, streamed) in Routes.SelectMany(r => new[] { (r, false), (r, true) }))
        {
            output.WriteLine($"{route + (streamed ? " streamed" : ""),-16} {string.Join(' ', ways.Select(w => $"{ends.GetValueOrDefault((route, streamed, w)),18}"))}");
        }

        output.WriteLine($"errors           {string.Join(", ", codes.OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value}"))}");
        foreach (var kind in problems.GroupBy(p => p.Kind).OrderByDescending(k => k.Count()).Take(KindsShown))
        {
            output.WriteLine($"\n{kind.Count()} times {kind.Key}, first {kind.First().Text}");
        }

        var failures = gateway.Log.Errors;
        foreach (var failure in failures.GroupBy(e => e.Exception?.ToString() ?? e.RenderMessage(CultureInfo.InvariantCulture)).Take(KindsShown))
        {
            output.WriteLine($"\n{failure.Count()} times logged: {failure.Key}");
        }

        return
        [
            new(failures.Count == 0, string.Create(CultureInfo.InvariantCulture, $"{failures.Count} failures of the gateway's own were logged, none may")),
            new(problems.IsEmpty, string.Create(CultureInfo.InvariantCulture, $"{problems.Count} of {count} answers are neither whole and valid nor a typed error, none may")),
            new(Routes.All(r => ends.ContainsKey((r, true, "answer")) && ends.ContainsKey((r, false, "answer"))), "every route answered, streamed and not"),
            new(ends.Keys.Any(k => k.Way is "error") && ends.Keys.Any(k => k.Way is "error after content"), "errors were seen before and after content"),
        ];

        async Task AskAsync(long number)
        {
            var route = Routes[ItemDraw.Index(options.Seed, number, 0, Routes.Length)];
            var streamed = ItemDraw.Index(options.Seed, number, 1, 3) > 0;
            var usage = streamed && ItemDraw.Index(options.Seed, number, 2, 2) == 0;
            var tools = ItemDraw.Index(options.Seed, number, 3, 2) == 0;
            using var response = await gateway.Client.PostChatAsync($"{gateway.Address}v1", ChatCall.Body(route, WireServer.Prompt(number), streamed, usage, tools ? Tools : null));
            var fold = await ClientFold.ReadAsync(response, streamed, usage);
            var way = fold.Error is null ? "answer" : fold.Text.Length + fold.Calls.Count > 0 ? "error after content" : "error";
            ends.AddOrUpdate((route, streamed, way), 1, static (_, n) => n + 1);
            if (fold.Error is { } code)
            {
                codes.AddOrUpdate(code, 1, static (_, n) => n + 1);
            }

            if ((fold.Problem ?? Judge(route, number, streamed, tools, fold)) is { } problem)
            {
                var sent = string.Join('\n', Models.Select(m => $"  {m}: {server.Reply(m, number, tools, streamed)}"));
                problems.Enqueue((problem.Split('\n', ':')[0], $"request {number} to {route}{(streamed ? " streamed" : "")}{(usage ? " with usage" : "")}{(tools ? " with tools" : "")}: {problem}\n{sent}"));
            }
        }

        string? Judge(string route, long number, bool streamed, bool tools, ClientFold fold)
        {
            var asked = route switch { "a" => Models[..1], "cascade" => Models[..2], _ => Models };
            if (fold.Error is { } code)
            {
                // A draft is read as a stream, whatever the client asked for; then what was drawn for a stream counts.
                var must = route is "moa" ? null : asked.FirstOrDefault(m => server.Reply(m, number, tools, streamed).IsWhole);
                return must is not null && (route is "a" || asked[0] == must || fold.Text.Length + fold.Calls.Count == 0) ? $"{must} gave a whole answer and the client got {code}" : null;
            }

            var answers = asked.SelectMany(m => new[] { server.Answer(m, number, tools), server.Answer(m, number, mayCall: false) });
            return answers.Any(a => IsSame(a, fold)) || asked.Any(m => IsFinishedTooSoon(server.Reply(m, number, tools, streamed), server.Answer(m, number, tools), fold)) ? null : $"no model's answer: {fold.Text} {string.Join(' ', fold.Calls)} {fold.Finish}";
        }
    }

    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"read","parameters":{"type":"object"}}},{"type":"function","function":{"name":"write","parameters":{"type":"object"}}}]
        """;

    // A server that says its reason before its last call and breaks off between two of them, or behind an empty object that was to hold the place of arguments, has told a whole answer, as far as anybody can know.
    private static bool IsFinishedTooSoon(WireReply sent, WireAnswer said, ClientFold got) =>
        sent is { IsCut: true, IsWhole: false } && got.Calls.Count > 0 && got.Calls.Count <= said.Calls.Length
        && (IsSame(said with { Calls = said.Calls[..got.Calls.Count] }, got) || IsSame(said with { Calls = [.. said.Calls[..(got.Calls.Count - 1)], said.Calls[got.Calls.Count - 1] with { Arguments = "{}" }] }, got));

    private static bool IsSame(WireAnswer said, ClientFold got) =>
        said.Text == got.Text.Trim() && said.Calls.Select(c => (c.Name, c.Arguments)).SequenceEqual(got.Calls.Select(c => (c.Name, c.Arguments)))
        && (got.Finish == said.Finish || said.Calls.Length > 0 && got.Finish is "tool_calls" or "stop");
}
