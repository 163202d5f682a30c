#pragma warning disable CA1051, CA1052, CA1852, CA1812, CA1822, CA1823, CS0169, CS0649 // Fixture types are only looked at.

namespace Synthwave.UnitTests.Architecture.House.Configuration
{
    internal class Settings;

    internal class MayUseToml
    {
        public Toml.Tree? Tree;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Configuration.Toml
{
    internal class Tree;

    internal class KnowsConfiguration
    {
        public Settings? Settings;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Chat
{
    internal class KnowsTelemetryByReturnType
    {
        public Telemetry.Report? Report() => null;
    }

    internal class KnowsTelemetryByConstraint<T>
        where T : Telemetry.Report;

    internal class MayUseConfiguration
    {
        public Configuration.Settings? Settings;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Telemetry
{
    internal class Report;

    internal class MayUseChat
    {
        public Chat.MayUseConfiguration? Chat;
    }

    internal class KnowsARoomInABody
    {
        public int Count() => Strategies.Strategy.Run(3);
    }

    internal class KnowsARoomInAnAsyncLambda
    {
        public Func<Task<int>> Count = async () =>
        {
            await Task.Yield();
            return Strategies.Strategy.Run(3);
        };
    }
}

namespace Synthwave.UnitTests.Architecture.House.Upstreams
{
    internal class Endpoint;

    internal class KnowsTheApiByField
    {
        private readonly Api.Endpoint? _endpoint;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Strategies
{
    internal class Strategy
    {
        public Upstreams.Endpoint? MayUseWhatIsToTheRight;

        public static int Run(int times) => times;
    }

    internal class KnowsRoutingByGenericArgument
    {
        public List<Dictionary<int, Routing.Host[]>>? Hosts;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Routing
{
    internal class Host;

    internal class KnowsTheSimulationByBaseType : Simulation.Simulated;
}

namespace Synthwave.UnitTests.Architecture.House.Simulation
{
    internal class Simulated
    {
        public Configuration.Settings? MayUseVocabulary;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Api
{
    internal class Endpoint
    {
        public Strategies.Strategy? MayUseAllRooms;

        public Telemetry.Report? AndTheVocabulary;
    }

    [Commands.Command]
    internal class KnowsACommandByAttribute;

    internal class KnowsTheHosting
    {
        public Hosting.App? App;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Commands
{
    [AttributeUsage(AttributeTargets.All)]
    internal class CommandAttribute : Attribute
    {
        public Simulation.Simulated? MayUseAnything;

        public Api.Endpoint? AndAnybody;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Json
{
    internal class Text;

    internal class KnowsTheChat
    {
        public Chat.MayUseConfiguration? Chat;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Hosting
{
    internal class App
    {
        public Api.Endpoint? MayUseEveryRoom;

        public Json.Text? AndTheGround;
    }
}

namespace Synthwave.UnitTests.Architecture.House.Elsewhere
{
    internal class HasNoPlace
    {
        public Configuration.Settings? Settings;
    }
}
