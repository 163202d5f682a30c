using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Architecture;

public class ArchitectureTests
{
    private const string Fixture = "Synthwave.UnitTests.Architecture.House";

    // What was reached; it may shrink.
    private const int LongestCircleOfFiles = 2;

    private static readonly Lazy<SourceTree> Source = new(() => SourceTree.Read("src/Synthwave"));

    private static readonly Lazy<IReadOnlyList<TypeUse>> Uses = new(() =>
        [.. TypeUses.Of(typeof(DispatchReport).Assembly, "Synthwave").Concat(Source.Value.MemberUses()).Distinct()]);

    [Fact]
    public void The_gateway_keeps_the_rules_of_the_house()
    {
        Uses.Value.Should().Contain(u => u.FromNamespace.StartsWith("Synthwave.Upstreams") && u.ToNamespace.StartsWith("Synthwave.Telemetry"), "otherwise nothing was read");
        HouseRules.Broken(Uses.Value, "Synthwave").Should().BeEmpty();
    }

    [Fact]
    public void Sub_rooms_use_each_other_one_way() =>
        Circles.Of(Circles.BetweenSubRooms(Uses.Value, "Synthwave")).Select(c => string.Join(" ", c)).Should().BeEmpty();

    [Fact]
    public void Circles_of_files_stay_short() =>
        Circles.Of(Source.Value.FileUses(Uses.Value)).Where(c => c.Count > LongestCircleOfFiles).Select(c => string.Join(" ", c)).Should().BeEmpty();

    [Fact]
    public void A_circle_between_sub_rooms_is_found_also_when_a_constant_closes_it()
    {
        var tree = SourceTree.Of(
            ("Chat/Events/Scanner.cs", "using House.Chat.Bodies;\nnamespace House.Chat.Events;\ninternal class Scanner { public const int Most = Body.Least; }"),
            ("Chat/Bodies/Body.cs", "using House.Chat.Events;\nnamespace House.Chat.Bodies;\n// Scanner.Most\ninternal class Body { public const int Least = 1; /* Scanner.Most */ int M() => nameof(Scanner).Length; }"),
            ("Chat/Tools/Call.cs", "using House.Chat.Bodies;\nnamespace House.Chat.Tools;\ninternal class Call { int M() => Body.Least; }"));

        Circles.Of(Circles.BetweenSubRooms(tree.MemberUses(), "House")).Should().ContainSingle().Which.Should().Equal("Chat.Bodies", "Chat.Events");
        Circles.Of(tree.FileUses(tree.MemberUses())).Should().ContainSingle().Which.Should().Equal("Chat/Bodies/Body.cs", "Chat/Events/Scanner.cs");
    }

    [Fact]
    public void What_is_named_in_a_comment_is_not_used()
    {
        var tree = SourceTree.Of(
            ("A.cs", "namespace House;\n/// <see cref=\"B.X\"/>\ninternal class A;"),
            ("B.cs", "namespace House;\ninternal class B { public const int X = 1; }"));

        tree.MemberUses().Should().BeEmpty();
    }

    [Fact]
    public void Json_from_outside_is_read_by_the_kit_only()
    {
        BannedCalls.In(typeof(DispatchReport).Assembly, "Synthwave.Json").Should().BeEmpty("Json/ has the same without the exception, and under one limit");
        BannedCalls.In(typeof(DispatchReport).Assembly).Should().Contain(["JsonDocument.Parse", "Utf8JsonReader..ctor"], "otherwise nothing was read");

        // The tests themselves compare what they have written.
        BannedCalls.In(typeof(ArchitectureTests).Assembly).Should().Contain(["JsonElement.GetProperty", "JsonElement.GetString", "JsonElement.Parse", "JsonNode.Parse"]);
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
