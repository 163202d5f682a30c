using System.Collections.Immutable;
using Synthwave.Configuration;

namespace Synthwave.Hosting;

/// <summary>Tells files that are left alone from files that are being written: what is read has to be the same twice, one look after the other. Not thread-safe.</summary>
internal sealed class SettledRead(TimeProvider time)
{
    private ImmutableArray<SourceFile> _last = [];
    private long _since = time.GetTimestamp();
    private bool _isAnnounced;

    /// <summary>How long the same was read.</summary>
    public TimeSpan Age => time.GetElapsedTime(_since);

    /// <summary>Takes note of what was read now. True = it is what was read before.</summary>
    public bool Note(ImmutableArray<SourceFile> read)
    {
        if (read.Length == _last.Length && read.Zip(_last, static (now, before) => now.Path == before.Path && now.HasContentOf(before)).All(static same => same))
        {
            return true;
        }

        (_last, _since, _isAnnounced) = (read, time.GetTimestamp(), false);
        return false;
    }

    /// <summary>True once for what was read last: the time to say something about it.</summary>
    public bool Announce() => !_isAnnounced && (_isAnnounced = true);
}
