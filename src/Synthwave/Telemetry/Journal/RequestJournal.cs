using System.Collections.Immutable;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Journal;

/// <summary>
/// The requests in work and the last <see cref="Size"/> that are over, so that somebody can look at them. Only admitted ones are told of. It belongs to the process and
/// outlives every configuration. Thread-safe: a request that begins takes no lock, one that ends takes one for as long as it is put into its place. Bounded in number and
/// in bytes.
/// </summary>
internal sealed class RequestJournal(TimeProvider time)
{
    /// <summary>Finished requests that are kept.</summary>
    public const int Size = 500;

    /// <summary>Running requests that can be shown; beyond so many some are not.</summary>
    public const int LiveSize = 4096;

    /// <summary>What the finished ones may take together, bytes, without what was said: the oldest go before there are <see cref="Size"/> of them.</summary>
    public const long MostBytes = 4L * 1024 * 1024;

    /// <summary>What prompts and answers may take beside it, bytes, where they are kept.</summary>
    public const long MostContent = 64L * 1024 * 1024;

    private const int Tries = 16;

    // Neighbouring places fill up together, so the next one tried is not a neighbour.
    private const int Stride = 257;

    private readonly RequestRecord?[] _live = new RequestRecord?[LiveSize];
    private readonly ContentRoom _room = new();
    private long _begun;
    private long _ended;

    // What follows is read and written under the gate.
    private readonly Lock _gate = new();
    private readonly JournalEntry?[] _finished = new JournalEntry?[Size];
    private long _newest;
    private long _bytes;

    /// <summary>About what the finished ones take, bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Finished requests since the process began.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>
    /// Bytes for prompts and answers of requests in work, and as many for those that are over; 0 = they are not kept, and those that were are forgotten.
    /// </summary>
    public long ContentLimit
    {
        get => _room.Limit;
        set
        {
            lock (_gate)
            {
                _room.Limit = value;
                if (value == 0)
                {
                    ForgetContent();
                }
            }
        }
    }

    /// <summary>Where the words of a request that begins now go; null = they are not kept.</summary>
    public RequestContent? OpenContent() => ContentLimit > 0 ? new RequestContent(_room) : null;

    /// <summary>A request begins. <see cref="End"/> follows in any case.</summary>
    public void Begin(RequestRecord record)
    {
        var first = Interlocked.Increment(ref _begun);
        for (var i = 0; i < Tries; i++)
        {
            var place = (int)((ulong)(first + (i * Stride)) % LiveSize);
            if (_live[place] is null && Interlocked.CompareExchange(ref _live[place], record, null) is null)
            {
                record.JournalPlace = place;
                return;
            }
        }
    }

    /// <summary>A request is over and its record closed.</summary>
    /// <param name="record">The one that began.</param>
    /// <param name="content">What was said; null = it is not kept.</param>
    public void End(RequestRecord record, RequestContent? content = null)
    {
        try
        {
            if (record.Report is { } report)
            {
                Keep(record, report, content);
            }
        }
        finally
        {
            content?.Dispose();
            if (record.JournalPlace is { } place)
            {
                Volatile.Write(ref _live[place], null);
            }
        }
    }

    /// <summary>
    /// The requests in work, the oldest first: all of one moment, so that there are never more of them than there were at once. The calls of the last ones are left out where
    /// all together would take more than <see cref="MostBytes"/>.
    /// </summary>
    public ImmutableArray<JournalEntry> Live()
    {
        var seen = new List<(int Place, RequestRecord Record, JournalEntry Entry)>();
        long bytes = 0;
        for (var i = 0; i < LiveSize; i++)
        {
            if (Volatile.Read(ref _live[i]) is { Report: { } report } record)
            {
                var entry = JournalEntry.Of(record, report, null, time);
                entry = bytes + entry.Weight > MostBytes ? entry.WithoutCalls() : entry;
                bytes += entry.Weight;
                seen.Add((i, record, entry));
            }
        }

        // Requests came and went meanwhile. Those that are still there were in work together, between this look and the one before.
        return [.. seen.Where(s => ReferenceEquals(Volatile.Read(ref _live[s.Place]), s.Record)).Select(static s => s.Entry).OrderBy(static e => e.ReceivedAt)];
    }

    /// <summary>Finished requests that <paramref name="filter"/> admits, the last one first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="limit">Most of them.</param>
    public ImmutableArray<JournalEntry> Finished(JournalFilter filter, int limit)
    {
        JournalEntry?[] kept;
        lock (_gate)
        {
            kept = [.. _finished];
        }

        return [.. kept.OfType<JournalEntry>().Where(filter.Admits).OrderByDescending(static e => e.Sequence).Take(limit)];
    }

    /// <summary>The request of that id, running or over; null = there is none, or it was too long ago.</summary>
    public JournalEntry? Find(string requestId)
    {
        // The running ones first: one that ends meanwhile is found among the others.
        for (var i = 0; i < LiveSize; i++)
        {
            if (Volatile.Read(ref _live[i]) is { Report: { } report } record && string.Equals(record.RequestId, requestId, StringComparison.Ordinal) && FindFinished(requestId) is null)
            {
                return JournalEntry.Of(record, report, null, time);
            }
        }

        return FindFinished(requestId);
    }

    private JournalEntry? FindFinished(string requestId)
    {
        lock (_gate)
        {
            return Array.Find(_finished, e => string.Equals(e?.RequestId, requestId, StringComparison.Ordinal));
        }
    }

    private void ForgetContent()
    {
        for (var i = 0; i < Size; i++)
        {
            Put(i, _finished[i]?.WithoutContent());
        }
    }

    private void Keep(RequestRecord record, DispatchReport report, RequestContent? content)
    {
        var sequence = Interlocked.Increment(ref _ended);
        var entry = JournalEntry.Of(record, report, sequence, time);
        if (content is not null)
        {
            entry = entry with { Prompt = content.Prompt, Answer = content.Answer };
        }

        lock (_gate)
        {
            // So many others may have ended since it got its number that its place is theirs.
            if (sequence <= _newest - Size)
            {
                return;
            }

            _newest = Math.Max(_newest, sequence);

            // A reload may have forbidden it meanwhile.
            Put(PlaceOf(sequence), ContentLimit > 0 ? entry : entry.WithoutContent());

            // The place behind the newest is the oldest's.
            for (var i = 1; i < Size && _bytes > MostBytes + ContentLimit; i++)
            {
                Put(PlaceOf(_newest + i), null);
            }
        }
    }

    private static int PlaceOf(long sequence) => (int)(sequence % Size);

    private void Put(int place, JournalEntry? entry)
    {
        _bytes += (entry?.Weight ?? 0) - (_finished[place]?.Weight ?? 0);
        _finished[place] = entry;
    }
}
