using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Telemetry.Journal;

public sealed class RequestJournalTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RequestJournal _journal;

    public RequestJournalTests() => _journal = new RequestJournal(_time);

    [Fact]
    public void A_request_is_live_until_it_ends_and_is_found_by_its_id_before_and_after()
    {
        var record = Begin();
        record.Report!.AddCall(new CallReport(CallRole.Generator, "a", "m", _time.GetTimestamp()));

        var live = _journal.Live().Should().ContainSingle().Subject;
        live.Should().BeEquivalentTo(new { record.RequestId, Outcome = "running", Phase = "drafting", Status = (int?)null, Sequence = (long?)null });
        live.Calls.Should().ContainSingle().Which.Outcome.Should().Be("running");
        _journal.Finished(JournalFilter.None, 10).Should().BeEmpty();
        _journal.Find(record.RequestId).Should().BeEquivalentTo(live);

        End(record);

        _journal.Live().Should().BeEmpty();
        var entry = _journal.Finished(JournalFilter.None, 10).Should().ContainSingle().Subject;
        entry.Should().BeEquivalentTo(new { record.RequestId, Outcome = "success", Phase = "finished", Status = 200, Sequence = 1L });
        entry.Calls.Single().Outcome.Should().Be("cancelled");
        _journal.Find(record.RequestId).Should().BeSameAs(entry);
    }

    [Fact]
    public void A_request_that_was_never_admitted_is_not_told_of()
    {
        var record = new RequestRecord("POST", "/v1/chat/completions", _time.GetUtcNow(), _time.GetTimestamp());
        _journal.Begin(record);
        _journal.Live().Should().BeEmpty();
        record.Close(401, false, TimeSpan.Zero, null);
        _journal.End(record);

        _journal.Finished(JournalFilter.None, 10).Should().BeEmpty();
        _journal.Ended.Should().Be(0);
    }

    [Theory]
    [InlineData(nameof(CallRole.Passthrough), false, "waiting")]
    [InlineData(nameof(CallRole.Member), false, "waiting")]
    [InlineData(nameof(CallRole.Generator), false, "drafting")]
    [InlineData(nameof(CallRole.Voter), false, "voting")]
    [InlineData(nameof(CallRole.Synthesizer), false, "synthesising")]
    [InlineData(nameof(CallRole.Synthesizer), true, "streaming")]
    public void The_phase_follows_from_who_was_asked_last(string role, bool hasContent, string phase)
    {
        var record = Begin();
        record.Report!.AddCall(new CallReport(Enum.Parse<CallRole>(role), "a", "m", _time.GetTimestamp()));
        record.Report.FirstContentAt = hasContent ? _time.GetTimestamp() : null;

        _journal.Live().Single().Phase.Should().Be(phase);
    }

    [Fact]
    public void Ten_thousand_requests_leave_the_last_five_hundred()
    {
        var ids = new List<string>();
        for (var i = 0; i < 10_000; i++)
        {
            var record = Begin();
            ids.Add(record.RequestId);
            End(record);
        }

        _journal.Live().Should().BeEmpty();
        var kept = _journal.Finished(JournalFilter.None, int.MaxValue);
        kept.Select(e => e.RequestId).Should().Equal(ids.AsEnumerable().Reverse().Take(RequestJournal.Size));
        _journal.Bytes.Should().Be(kept.Sum(e => (long)e.Weight)).And.BeLessThan(RequestJournal.MostBytes);
        _journal.Find(ids[0]).Should().BeNull();
    }

    [Fact]
    public void Long_entries_push_out_the_oldest_before_there_are_too_many_bytes()
    {
        for (var i = 0; i < 2_000; i++)
        {
            End(Begin().WithFailures(100));
        }

        var kept = _journal.Finished(JournalFilter.None, int.MaxValue);
        _journal.Bytes.Should().BeLessThanOrEqualTo(RequestJournal.MostBytes).And.Be(kept.Sum(e => (long)e.Weight));
        kept.Select(e => e.Sequence).Should().Equal(Enumerable.Range(0, kept.Length).Select(i => (long?)(2_000 - i)));
        kept.Should().NotBeEmpty().And.OnlyContain(e => e.Calls.Length == JournalEntry.MostCalls && e.CallsLeftOut == 36 && e.Calls.All(c => c.Detail!.Length == 1000));
    }

    [Fact]
    public async Task Requests_of_many_threads_are_each_told_of_once()
    {
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                var record = Begin();
                _journal.Find(record.RequestId).Should().NotBeNull();
                End(record);
                _journal.Live().Should().HaveCountLessThanOrEqualTo(8);
            }
        }));
        await Task.WhenAll(workers);

        _journal.Live().Should().BeEmpty();
        _journal.Ended.Should().Be(8_000);
        var kept = _journal.Finished(JournalFilter.None, int.MaxValue);
        kept.Select(e => e.RequestId).Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(RequestJournal.Size - 8);
        _journal.Bytes.Should().Be(kept.Sum(e => (long)e.Weight));
    }

    [Fact]
    public void More_running_requests_than_there_are_places_do_no_harm()
    {
        var records = Enumerable.Range(0, 6_000).Select(_ => Begin()).ToList();

        _journal.Live().Length.Should().BeInRange(3_000, RequestJournal.LiveSize);
        records.ForEach(End);

        _journal.Live().Should().BeEmpty();
        _journal.Ended.Should().Be(6_000);
    }

    [Fact]
    public void Calls_of_so_many_running_requests_that_all_would_be_too_much_are_only_counted()
    {
        for (var i = 0; i < 200; i++)
        {
            Begin().WithFailures(100);
        }

        var live = _journal.Live();

        live.Should().HaveCount(200);
        live.Sum(e => (long)e.Weight).Should().BeLessThan(RequestJournal.MostBytes + (200 * 1024));
        live[0].Should().Match<JournalEntry>(e => e.Calls.Length == JournalEntry.MostCalls && e.CallsLeftOut == 36);
        live[^1].Should().Match<JournalEntry>(e => e.Calls.IsEmpty && e.CallsLeftOut == 100);
    }

    [Fact]
    public void A_request_that_ends_between_two_looks_is_told_of_once()
    {
        var (first, second) = (Begin(), Begin());
        var live = new LiveRequests(_time.GetUtcNow(), _journal.Live());
        End(first);

        live.Without(_journal.Finished(JournalFilter.None, 10)).Select(e => e.RequestId).Should().Equal(second.RequestId);
    }

    [Fact]
    public void A_filter_finds_by_profile_outcome_upstream_time_and_place()
    {
        var first = Begin("p");
        first.Report!.AddCall(new CallReport(CallRole.Generator, "a#2", "m", 0));
        End(first);
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = Begin("q");
        second.Report!.AddCall(new CallReport(CallRole.Generator, "ab", "m", 0));
        second.Report.Outcome = DispatchOutcome.Failed;
        End(second);

        Found(new() { Profile = "p" }).Should().Equal(first.RequestId);
        Found(new() { Outcome = "failed" }).Should().Equal(second.RequestId);
        Found(new() { Upstream = "a" }).Should().Equal(first.RequestId);
        Found(new() { Since = second.ReceivedAt }).Should().Equal(second.RequestId);
        Found(new() { Before = 2 }).Should().Equal(first.RequestId);
        Found(new()).Should().Equal(second.RequestId, first.RequestId);
        _journal.Finished(JournalFilter.None, 1).Should().ContainSingle();

        IEnumerable<string> Found(JournalFilter filter) => _journal.Finished(filter, 10).Select(e => e.RequestId);
    }

    private RequestRecord Begin(string profile = "p") => _journal.Begin(_time, profile);

    private void End(RequestRecord record) => _journal.Finish(record);
}
