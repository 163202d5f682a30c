using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Configuration;
using Synthwave.Simulation;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;
using Body = Synthwave.Chat.Bodies.ChatBody;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>One upstream client against an endpoint, with the report of its last call.</summary>
internal sealed class UpstreamBench : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The product's own, shared by all tests.</summary>
    public static readonly ListingClients Listings = CreateListings();

    private readonly UpstreamConnection _connection;

    public UpstreamBench(string baseUrl, Func<UpstreamConfig, UpstreamConfig>? configure = null, UpstreamContext? context = null, long maxReplyBytes = 64L * 1024 * 1024)
    {
        var config = new UpstreamConfig { Name = "north", ModelId = "m", BaseUrl = baseUrl, Context = 8000, MaxOutput = 1000 };
        config = configure?.Invoke(config) ?? config;
        Context = context ?? new UpstreamContext { Environment = _ => null };
        State = new UpstreamState(config.Identity, Context.Time, new ThinkingStore(Context.Time));
        _connection = new UpstreamConnection(ConnectionIdentity.Of(config), Context.Environment);
        Client = new UpstreamClient(config, State, _connection, Context, new ReplyLimits(maxReplyBytes, maxReplyBytes));
    }

    public UpstreamContext Context { get; }

    public UpstreamState State { get; }

    public UpstreamClient Client { get; }

    public DispatchReport Report { get; private set; } = new("r", 0);

    public CallReport LastCall => Report.Calls[^1];

    public static SimulatedModel Model(SimulatedFault? fault = null) => SimulatedModel.Saying("m", "one two three four five") with { Fault = fault };

    public Task<UpstreamReply> CallAsync(
        bool stream = false, bool mayRetry = false, bool isLastChance = false, TimeSpan? deadline = null, string? body = null, Func<bool>? takeRetry = null,
        bool isHurried = false, CancellationToken cancellationToken = default)
    {
        Report = new DispatchReport("r", Context.Time.GetTimestamp());
        var call = new UpstreamCall
        {
            Body = Body.FromJson(Encoding.UTF8.GetBytes(body ?? ChatCall.Body("ensemble"))),
            Role = CallRole.Passthrough,
            Deadline = isHurried ? Deadline.After(Context.Time, TimeSpan.FromHours(1)).Hurry(deadline ?? Patience) : Deadline.After(Context.Time, deadline ?? Patience),
            Stream = stream,
            MayRetry = mayRetry,
            TakeRetry = takeRetry,
            IsLastChance = isLastChance,
        };
        return Client.CallAsync(call, Report, cancellationToken);
    }

    public async Task<UpstreamFault> FaultAsync(bool stream = false, bool mayRetry = false, bool isLastChance = false, TimeSpan? deadline = null, Func<bool>? takeRetry = null, bool isHurried = false)
    {
        var reply = await CallAsync(stream, mayRetry, isLastChance, deadline, takeRetry: takeRetry, isHurried: isHurried);
        var fault = reply.Should().BeOfType<FaultedUpstreamReply>().Which.Fault;
        LastCall.Outcome.Should().Be(CallOutcome.Failed);
        LastCall.Reason.Should().Be(fault.ReportReason());
        State.InFlight.Should().Be(0);
        return fault;
    }

    /// <summary>Reads a stream to its end; the events' payloads.</summary>
    public static async Task<List<string>> DrainAsync(UpstreamStream stream, CancellationToken cancellationToken = default)
    {
        var events = new List<string>();
        while (await stream.MoveNextAsync(cancellationToken))
        {
            events.Add(Encoding.UTF8.GetString(stream.Current.Raw.Span));
        }

        return events;
    }

    public async Task<UpstreamStream> StreamAsync(bool mayRetry = false, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        var reply = await CallAsync(stream: true, mayRetry: mayRetry, deadline: deadline, cancellationToken: cancellationToken);
        return reply.Should().BeOfType<StreamingUpstreamReply>().Which.Stream;
    }

    /// <summary>The shortest of five measurements: what the code needs, whatever else the machine is busy with.</summary>
    public static async Task<TimeSpan> FastestAsync(Func<Task<TimeSpan>> measure)
    {
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var next = await measure();
            fastest = next < fastest ? next : fastest;
        }

        return fastest;
    }

    public void Dispose() => _connection.Retire();

    private static ListingClients CreateListings()
    {
        var services = new ServiceCollection();
        ListingClients.AddTo(services, static _ => null);
        return services.BuildServiceProvider().GetRequiredService<ListingClients>();
    }
}
