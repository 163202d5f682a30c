using Synthwave.Telemetry;

namespace Synthwave.UnitTests.Architecture;

public class ArchitectureTests
{
    private const string Fixture = "Synthwave.UnitTests.Architecture.House";

    [Fact]
    public void The_gateway_keeps_the_rules_of_the_house()
    {
        var uses = TypeUses.Of(typeof(DispatchReport).Assembly, "Synthwave");

        uses.Should().Contain(u => u.FromNamespace == "Synthwave.Upstreams" && u.ToNamespace == "Synthwave.Telemetry", "otherwise nothing was read");
        HouseRules.Broken(uses, "Synthwave").Should().BeEmpty();
    }

    [Fact]
    public void Every_way_of_breaking_a_rule_is_found() =>
        HouseRules.Broken(TypeUses.Of(typeof(ArchitectureTests).Assembly, Fixture), Fixture).Should().BeEquivalentTo(
        [
            "Upstreams.KnowsTheApiByField → Api.Endpoint",
            "Telemetry.KnowsARoomInABody → Strategies.Strategy",
            "Telemetry.KnowsARoomInAnAsyncLambda → Strategies.Strategy",
            "Strategies.KnowsRoutingByGenericArgument → Routing.Host",
            "Routing.KnowsTheSimulationByBaseType → Simulation.Simulated",
            "Chat.KnowsTelemetryByReturnType → Telemetry.Report",
            "Chat.KnowsTelemetryByConstraint`1 → Telemetry.Report",
            "Configuration.Toml.KnowsConfiguration → Configuration.Settings",
            "Json.KnowsTheChat → Chat.MayUseConfiguration",
            "Api.KnowsTheHosting → Hosting.App",
            "Elsewhere.HasNoPlace → Configuration.Settings",
            "Api.KnowsACommandByAttribute → Commands.CommandAttribute",
        ]);
}
