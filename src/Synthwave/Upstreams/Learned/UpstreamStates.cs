using Synthwave.Configuration;

namespace Synthwave.Upstreams.Learned;

/// <summary>The states of all configured upstreams, by identity. Thread-safe.</summary>
internal sealed class UpstreamStates(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UpstreamIdentity, UpstreamState> _states = [];

    /// <summary>What all of them keep of thinking.</summary>
    public ThinkingStore Thinking { get; } = new(time);

    /// <summary>The state of <paramref name="identity"/>; a new one starts healthy and unknown.</summary>
    public UpstreamState Of(UpstreamIdentity identity)
    {
        lock (_gate)
        {
            if (!_states.TryGetValue(identity, out var state))
            {
                _states.Add(identity, state = new UpstreamState(identity, time, Thinking));
            }

            return state;
        }
    }

    /// <summary>Forgets every identity that is not in <paramref name="identities"/>. Calls still in flight keep their own reference.</summary>
    public void KeepOnly(IReadOnlySet<UpstreamIdentity> identities)
    {
        lock (_gate)
        {
            foreach (var (gone, state) in _states.Where(s => !identities.Contains(s.Key)).ToList())
            {
                _states.Remove(gone);
                state.Thinking.Clear();
            }
        }
    }
}
