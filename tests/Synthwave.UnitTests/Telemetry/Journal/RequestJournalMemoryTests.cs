using System.Runtime.CompilerServices;
using Synthwave.Chat.Completions;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Journal;

/// <summary>What the journal really takes of the memory.</summary>
[Collection(nameof(Alone))]
public sealed class RequestJournalMemoryTests
{
    private static readonly TimeProvider Time = TimeProvider.System;

    [Theory]
    [InlineData("plain", 4000)]
    [InlineData("long names", 4000)]
    [InlineData("ensemble", 1000)]
    [InlineData("failed ensemble", 100)]
    [InlineData("words kept", 50)]
    public void An_entry_takes_what_it_says(string shape, int count)
    {
        var entries = new JournalEntry[count];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < count; i++)
        {
            entries[i] = Entry(shape, i + 1);
        }

        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        var said = entries.Sum(e => (long)e.Weight);
        taken.Should().BeInRange(said / 2, said + (said / 10), "{0} is what {1} entries say", said, count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(64 * 1024 * 1024)]
    public void The_last_requests_take_no_more_than_is_promised_whatever_they_were(long content)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var journal = new RequestJournal(Time) { ContentLimit = content };
        Fill(journal);
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        journal.Bytes.Should().BeLessThanOrEqualTo(RequestJournal.MostBytes + content);
        taken.Should().BeLessThan((long)(1.1 * (RequestJournal.MostBytes + content)));
    }

    // Apart, so that nothing of the last one is still on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(RequestJournal journal)
    {
        for (var i = 0; i < 1000; i++)
        {
            var words = journal.OpenContent();
            words?.SetPrompt(new byte[1_000_000]);
            words?.AddAnswer(new byte[1_000_000]);
            journal.Finish(journal.Begin(Time, path: new string('/', 1000)).WithFailures(100), words);
        }
    }

    private static JournalEntry Entry(string shape, long sequence)
    {
        var isLong = shape == "long names";
        var record = new RequestRecord("POST", isLong ? $"/{sequence}{new string('x', 300)}" : $"/v1/chat/completions{sequence % 10}", Time.GetUtcNow(), Time.GetTimestamp());
        record.SetClientRequestId(isLong ? $"{sequence}-{new string('i', 128)}" : null);
        var report = record.Report = new DispatchReport(record.RequestId, record.StartedAt) { Profile = "p", FirstContentAt = record.StartedAt, EndedAt = record.StartedAt };
        for (var c = 0; shape == "ensemble" && c < 6; c++)
        {
            var call = new CallReport(CallRole.Generator, $"upstream-{c}#2", "model", record.StartedAt)
            {
                Attempts = 1,
                FirstByteAt = record.StartedAt,
                FirstContentAt = record.StartedAt,
                Usage = new TokenUsage { PromptTokens = 1, CompletionTokens = 2, TotalTokens = 3 },
            };
            call.Complete(CallOutcome.Succeeded, null, record.StartedAt);
            report.AddCall(call);
        }

        if (shape == "failed ensemble")
        {
            record.WithFailures(64);
        }

        record.Close(200, false, TimeSpan.Zero, System.Diagnostics.ActivityTraceId.CreateRandom());
        var entry = JournalEntry.Of(record, report, sequence, Time);
        return shape == "words kept" ? entry with { Prompt = new string('p', RequestContent.Most), Answer = new string('a', RequestContent.Most) } : entry;
    }
}
