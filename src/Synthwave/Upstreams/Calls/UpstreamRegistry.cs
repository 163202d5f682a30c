using Synthwave.Configuration;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Calls;

/// <summary>
/// Makes the upstreams of each configuration that comes along, carrying over what outlives a reload: connections while their identity stays, and what was
/// learned about each upstream. What a new configuration no longer needs is closed after its last call. Thread-safe.
/// </summary>
internal sealed class UpstreamRegistry(UpstreamContext context) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly UpstreamStates _states = new(context.Time);
    private Dictionary<ConnectionIdentity, UpstreamConnection> _connections = [];

    /// <summary>What all upstreams together may keep of thinking, bytes.</summary>
    public long ThinkingLimit
    {
        get => _states.Thinking.Limit;
        set => _states.Thinking.Limit = value;
    }

    /// <summary>
    /// The upstreams of <paramref name="config"/>, which from now on is the current one. Sets made before stay usable for the requests that hold them.
    /// </summary>
    public UpstreamSet Build(GatewayConfig config)
    {
        lock (_gate)
        {
            var connections = new Dictionary<ConnectionIdentity, UpstreamConnection>();
            foreach (var identity in config.Upstreams.Select(ConnectionIdentity.Of).Distinct())
            {
                connections.Add(identity, _connections.GetValueOrDefault(identity) ?? new UpstreamConnection(identity, context.Environment));
            }

            // One upstream may be the proxy of another: none repeats the secrets of any.
            var secrets = new ConfiguredSecrets(config, context.Environment);
            var set = new UpstreamSet([.. config.Upstreams.Select(u =>
                new UpstreamClient(u, _states.Of(u.Identity), connections[ConnectionIdentity.Of(u)], context, ReplyLimits.Of(config.Server)) { Secrets = secrets })]);
            _states.KeepOnly(config.Upstreams.Select(u => u.Identity).ToHashSet());
            foreach (var (_, connection) in _connections.Where(c => !connections.ContainsKey(c.Key)))
            {
                connection.Retire();
            }

            _connections = connections;
            return set;
        }
    }

    /// <summary>Closes every connection as soon as no call uses it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var connection in _connections.Values)
            {
                connection.Retire();
            }

            _connections = [];
        }
    }
}
