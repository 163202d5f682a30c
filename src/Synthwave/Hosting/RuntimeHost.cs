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
    private volatile GatewayRuntime _current;

    public RuntimeHost(Configuration.GatewayConfig config, UpstreamRegistry registry, HealthMonitor health, MemoryBudget memory, RequestJournal journal, TimeProvider time)
    {
        _registry = registry;
        _descriptions = new DescriptionCache(time);
        _health = health;
        _memory = memory;
        _journal = journal;
        _current = new GatewayRuntime(config, registry.Build(config), _descriptions);
        Watch();
    }

    public GatewayRuntime Current => _current;

    /// <summary>Builds the runtime of <paramref name="config"/> aside and puts it in place.</summary>
    public void Swap(Configuration.GatewayConfig config)
    {
        _current = new GatewayRuntime(config, _registry.Build(config), _descriptions);
        Watch();
    }

    private void Watch()
    {
        var server = _current.Config.Server;
        var memory = server.MaxMemoryBytes ?? MemoryBudget.Default();

        // Words that are kept take their room, for requests in work and for those that are over, from what requests may hold.
        _journal.ContentLimit = _current.Config.History.Content ? Math.Min(RequestJournal.MostContent, memory / 16) : 0;
        _memory.Limit = memory - (2 * _journal.ContentLimit);
        _health.Observe(_current.Upstreams.All, server.HealthProbeInterval, server.HealthProbeTimeout);
    }
}
