using System.Collections.Concurrent;
using System.Text.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Metrics;

/// <summary>
/// Keeps two lists of 100 requests for every profile: of ensembles that answered (or whose candidates all broke the tool contract), which most figures are
/// about, and of all requests whatever their outcome. A burst of failures therefore does not push the ensembles' figures out. Thread-safe.
/// </summary>
internal sealed class RecentRequests
{
    public const int Size = 100;

    private readonly ConcurrentDictionary<string, Profile> _profiles = new(StringComparer.Ordinal);

    /// <summary>Keeps what the figures need of a finished report. Requests that were never resolved to a profile are not kept.</summary>
    public void Add(DispatchReport report, long timestampMs, double elapsedMs)
    {
        if (report.Profile is not { } name)
        {
            return;
        }

        var record = new Record(report, timestampMs, elapsedMs);
        var isEnsemble = report.Strategy is { IsEnsemble: true }
            && (report.Outcome is DispatchOutcome.Success or DispatchOutcome.Degraded || report.ErrorCode == ReportLabels.NoQuorumAfterConstraint);
        var profile = _profiles.GetOrAdd(name, static _ => new Profile());
        lock (profile)
        {
            profile.All.Add(record);
            if (isEnsemble)
            {
                profile.Ensemble.Add(record);
            }
        }
    }

    /// <summary>Forgets profiles that are not among <paramref name="names"/>.</summary>
    public void Keep(IReadOnlySet<string> names)
    {
        foreach (var name in _profiles.Keys.Where(n => !names.Contains(n)))
        {
            _profiles.TryRemove(name, out _);
        }
    }

    /// <summary>The whole document of <c>/v1/metrics/moa</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("ring_size", Size);
        json.WriteStartObject("profiles");
        // Its own copy: one that is made by asking for the count first fails where profiles are added or dropped meanwhile.
        foreach (var (name, profile) in _profiles.ToArray().OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            Record[] ensemble, all;
            lock (profile)
            {
                ensemble = profile.Ensemble.ToArray();
                all = profile.All.ToArray();
            }

            // Its first request is about to be added.
            if (all.Length == 0)
            {
                continue;
            }

            json.WriteStartObject(name);
            json.WriteNumber("calls", ensemble.Length);
            if (ensemble.Length > 0)
            {
                WriteEnsemble(json, ensemble);
            }

            WriteAll(json, all, ensemble);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEnsemble(Utf8JsonWriter json, Record[] records)
    {
        json.WriteNumber("quorum_avg", Rounded(records.Average(r => r.Quorum), 3));
        json.WriteNumber("degraded_rate", Rounded(records.Average(r => r.Quorum < r.Generators ? 1d : 0d), 3));
        WriteCounts(json, "synth_decisions", records.Select(r => r.ErrorCode == ReportLabels.NoQuorumAfterConstraint ? ReportLabels.NoQuorumAfterConstraint : ReportLabels.Of(r.Decision) ?? "unknown"));
        json.WriteNumber("tool_call_rate", Rounded(records.Average(r => r.HasToolCalls ? 1d : 0d), 3));
        json.WriteNumber("elapsed_ms_avg", Rounded(records.Average(r => r.ElapsedMs), 2));
        WriteDraftLengths(json, "draft_length", records.SelectMany(r => r.Drafts.Select((d, i) => ($"gen{i}", d.Value))));
        WriteCounts(json, "failure_breakdown", records.SelectMany(r => r.Failures).Select(f => f.Value));
        json.WriteNumber("newest_ts_ms", records[^1].TimestampMs);
        json.WriteNumber("oldest_ts_ms", records[0].TimestampMs);
    }

    private static void WriteAll(Utf8JsonWriter json, Record[] all, Record[] ensemble)
    {
        json.WriteNumber("requests", all.Length);
        WriteCounts(json, "outcomes", all.Select(r => ReportLabels.Of(r.Outcome)));
        WriteCounts(json, "errors", all.Where(r => r.Outcome == DispatchOutcome.Failed).Select(r => r.ErrorCode ?? "unknown"));
        WriteDraftLengths(json, "draft_length_by_upstream", ensemble.SelectMany(r => r.Drafts.Select(d => (d.Key, d.Value))));
        var elapsed = all.Select(r => r.ElapsedMs).Order().ToArray();
        json.WriteStartObject("elapsed_ms");
        json.WriteNumber("p50", Rounded(Quantile(elapsed, 0.50), 2));
        json.WriteNumber("p95", Rounded(Quantile(elapsed, 0.95), 2));
        json.WriteNumber("p99", Rounded(Quantile(elapsed, 0.99), 2));
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, string name, IEnumerable<string> labels)
    {
        json.WriteStartObject(name);
        foreach (var group in labels.GroupBy(l => l, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            json.WriteNumber(group.Key, group.Count());
        }

        json.WriteEndObject();
    }

    private static void WriteDraftLengths(Utf8JsonWriter json, string name, IEnumerable<(string Key, int Length)> drafts)
    {
        json.WriteStartObject(name);
        foreach (var group in drafts.GroupBy(d => d.Key, d => d.Length, StringComparer.Ordinal))
        {
            json.WriteStartObject(group.Key);
            json.WriteNumber("min", group.Min());
            json.WriteNumber("max", group.Max());
            json.WriteNumber("avg", Rounded(group.Average(), 2));
            json.WriteNumber("samples", group.Count());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // Nearest rank: with at most 100 records anything finer would be invented.
    private static double Quantile(double[] sorted, double q) => sorted[Math.Max(0, (int)Math.Ceiling(q * sorted.Length) - 1)];

    private static decimal Rounded(double value, int digits) => Math.Round((decimal)value, digits, MidpointRounding.ToEven);

    private sealed class Profile
    {
        public Ring Ensemble { get; } = new();

        public Ring All { get; } = new();
    }

    private sealed class Ring
    {
        private readonly Record[] _records = new Record[Size];
        private long _added;

        public void Add(Record record) => _records[_added++ % Size] = record;

        /// <summary>Oldest first.</summary>
        public Record[] ToArray()
        {
            var count = (int)Math.Min(_added, Size);
            var records = new Record[count];
            for (var i = 0; i < count; i++)
            {
                records[i] = _records[(_added - count + i) % Size];
            }

            return records;
        }
    }

    private sealed class Record(DispatchReport report, long timestampMs, double elapsedMs)
    {
        public long TimestampMs { get; } = timestampMs;

        public double ElapsedMs { get; } = elapsedMs;

        public DispatchOutcome Outcome { get; } = report.Outcome;

        public string? ErrorCode { get; } = report.ErrorCode;

        public Decision? Decision { get; } = report.Decision;

        public int Generators { get; } = report.Generators ?? 0;

        public int Quorum { get; } = report.Quorum ?? 0;

        public bool HasToolCalls { get; } = report.FinalToolCalls > 0;

        public IReadOnlyList<KeyValuePair<string, int>> Drafts { get; } = report.DraftLengths;

        public IReadOnlyList<KeyValuePair<string, string>> Failures { get; } = report.FailedGenerators;
    }
}
