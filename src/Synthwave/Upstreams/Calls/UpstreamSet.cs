using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Synthwave.Upstreams.Calls;

/// <summary>The upstreams of one configuration, ready to be called. Immutable.</summary>
internal sealed class UpstreamSet(ImmutableArray<UpstreamClient> upstreams)
{
    private readonly FrozenDictionary<string, UpstreamClient> _byName = upstreams.ToFrozenDictionary(u => u.Config.Name, StringComparer.Ordinal);

    /// <summary>In file order.</summary>
    public ImmutableArray<UpstreamClient> All { get; } = upstreams;

    /// <summary>The upstream of that name; null = none.</summary>
    public IUpstream? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>For names a validated configuration guarantees.</summary>
    public IUpstream this[string name] => _byName[name];
}
