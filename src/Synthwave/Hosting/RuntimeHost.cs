using System.Diagnostics.CodeAnalysis;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Chat.Memory;
using Synthwave.Routing;
using Synthwave.Strategies.Media;
using Synthwave.Telemetry.Journal;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Health;

namespace Synthwave.Hosting;

/// <summary>
/// Holds the running configuration behind one reference. A request reads it once and keeps what it read to its end, also after a swap: the upstreams of
/// a replaced runtime stay usable, and their connections close after the last call. Thread-safe.
/// </summary>
internal sealed class RuntimeHost
{
    private readonly UpstreamRegistry _registry;
    private readonly HealthMonitor _health;
    private readonly DescriptionCache _descriptions;
    private readonly MemoryBudget _memory;
    private readonly RequestJournal _journal;
    private readonly ResponseStore _responses;
    private volatile GatewayRuntime _current;

    public RuntimeHost(
        Configuration.GatewayConfig config, UpstreamRegistry registry, HealthMonitor health, MemoryBudget memory, RequestJournal journal, ResponseStore responses, TimeProvider time)
    {
        _registry = registry;
        _descriptions = new DescriptionCache(time);
        _health = health;
        _memory = memory;
        _journal = journal;
        _responses = responses;
        _current = new GatewayRuntime(config, registry.Build(config), _descriptions);
        Watch();
    }

    public GatewayRuntime Current => _current;

    /// <summary>How the memory of <see cref="Current"/> is divided.</summary>
    public MemoryPlan Memory { get; private set; }

    /// <summary>Builds the runtime of <paramref name="config"/> aside and puts it in place.</summary>
    public void Swap(Configuration.GatewayConfig config)
    {
        _current = new GatewayRuntime(config, _registry.Build(config), _descriptions);
        Watch();
    }

    [MemberNotNull(nameof(Memory))]
    private void Watch()
    {
        var server = _current.Config.Server;
        Memory = MemoryPlan.Of(_current.Config);
        _responses.Limit = Memory.Responses;
        _registry.ThinkingLimit = Memory.Thinking;
        _descriptions.Limit = Memory.Descriptions;
        _journal.ContentLimit = Memory.Content;
        _memory.Limit = Memory.Requests;
        _health.Observe(_current.Upstreams.All, server.HealthProbeInterval, server.HealthProbeTimeout);
    }
}
