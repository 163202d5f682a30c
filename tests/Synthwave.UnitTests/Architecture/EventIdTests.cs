using System.Reflection;
using Microsoft.Extensions.Logging;
using Synthwave.Telemetry.Conventions;

namespace Synthwave.UnitTests.Architecture;

/// <summary>An event id names one event of the product, and its hundred names the room.</summary>
public class EventIdTests
{
    private static readonly (int Id, string Room, string Where)[] Events =
    [
        .. from type in typeof(GatewayVersion).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           select (message.EventId, type.Namespace!.Split('.')[1], $"{type.Name}.{method.Name}"),
    ];

    [Fact]
    public void Every_event_has_an_id_of_its_own()
    {
        Events.Should().HaveCountGreaterThan(10);
        Events.GroupBy(e => e.Id).Where(g => g.Key <= 0 || g.Count() > 1).SelectMany(g => g).Should().BeEmpty();
    }

    [Fact]
    public void Every_room_has_one_hundred_ids_of_its_own()
    {
        var blocks = Events.Select(e => (e.Room, Block: e.Id / 100)).Distinct().ToArray();

        blocks.Select(b => b.Room).Should().OnlyHaveUniqueItems();
        blocks.Select(b => b.Block).Should().OnlyHaveUniqueItems();
    }
}
