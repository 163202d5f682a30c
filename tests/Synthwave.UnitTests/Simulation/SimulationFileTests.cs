using System.Text;
using Synthwave.Simulation;

namespace Synthwave.UnitTests.Simulation;

public sealed class SimulationFileTests
{
    [Fact]
    public void Example_can_be_used_as_it_is_and_explains_every_key()
    {
        var example = SimulationFile.Example();

        var file = Parse(example);

        file.Problems.Should().BeEmpty();
        file.Models.Length.Should().BeGreaterThan(5);
        var keys = new[] { SimulationKeys.Model, SimulationKeys.FaultSchema, SimulationKeys.UsageSchema }.SelectMany(s => s.Keys).Select(k => k.Name);
        foreach (var key in keys)
        {
            example.Split('\n').Should().Contain(l => Writes(l, key), $"{key} is shown");
        }

        foreach (var kind in SimulationKeys.Kind.Words)
        {
            example.Should().MatchRegex($@"#\s.*\b{kind} ", "each kind of fault is explained");
        }

        foreach (var key in SimulationKeys.CallSchema.Keys)
        {
            example.Should().Contain($"`{key.Name}`");
        }
    }

    // In a line of its own, in an inline table, or as the head of a table.
    private static bool Writes(string line, string key) =>
        !line.StartsWith('#') && (line.Contains($"{key} = ", StringComparison.Ordinal) || line.EndsWith($".{key}]", StringComparison.Ordinal));

    [Theory]
    [InlineData("[models.m]\ntxet = \"x\"", "sim.toml:2:1", "models.m.txet", "text")]
    [InlineData("[model.m]\ntext = \"x\"", "sim.toml:1:2", "model", "models")]
    [InlineData("[models.m]\nfault = { kind = \"statsu\" }", "sim.toml:2:18", "models.m.fault.kind", "status")]
    [InlineData("[models.m]\nfault = { status = 500 }", "sim.toml:2:9", "models.m.fault.kind", "is required")]
    [InlineData("[models.m]\nfirst_token_ms = \"fast\"", "sim.toml:2:18", "models.m.first_token_ms", "integer")]
    [InlineData("[models.m]\ntokens_per_sec = -1", "sim.toml:2:18", "models.m.tokens_per_sec", "0")]
    [InlineData("[models.m]\ntext = \"unfinished", "sim.toml:2:", "sim.toml", "string")]
    public void Mistake_is_named_with_its_place_its_key_and_the_way_out(string toml, string place, string key, string fix)
    {
        var problem = SimulationFile.Parse(Encoding.UTF8.GetBytes(toml), "sim.toml").Problems[0].ToString();

        problem.Should().StartWith(place).And.Contain(key).And.Contain(fix);
    }

    [Fact]
    public void Everything_a_model_can_have_is_read()
    {
        var file = Parse("""
            [models.plain]
            text = "Hello"

            [models."vendor/full:8b"]
            texts = ["one", "two"]
            reasoning = "hm"
            tool_calls = [{ name = "f", arguments = { a = 1, b = "x" }, id = "c1" }, { name = "g", arguments = "{broken" }, { name = "h" }]
            usage = { prompt_tokens = 3, completion_tokens = 4 }
            first_token_ms = 250
            tokens_per_sec = 12.5
            listed = false
            fault = { kind = "status", status = 429, retry_after = 2, after_tokens = 7, every = 3, first = 9 }
            """);

        file.Problems.Should().BeEmpty();
        file.Models.Select(m => m.Id).Should().Equal("plain", "vendor/full:8b");
        file.Models[0].Texts.Should().Equal("Hello");
        file.Models[0].Fault.Should().BeNull();
        file.Models[0].Listed.Should().BeTrue();
        var full = file.Models[1];
        full.Texts.Should().Equal("one", "two");
        full.Reasoning.Should().Be("hm");
        full.ToolCalls.Should().Equal(new SimulatedToolCall("f", """{"a":1,"b":"x"}""", "c1"), new SimulatedToolCall("g", "{broken"), new SimulatedToolCall("h", "{}"));
        full.Usage.Should().Be(new SimulatedUsage(3, 4));
        full.FirstTokenDelay.Should().Be(TimeSpan.FromMilliseconds(250));
        full.TokensPerSecond.Should().Be(12.5);
        full.Listed.Should().BeFalse();
        full.Fault.Should().Be(new SimulatedFault(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 2, AfterTokens = 7, Every = 3, First = 9 });
    }

    [Fact]
    public void Every_kind_of_fault_has_its_name_in_snake_case()
    {
        foreach (var kind in Enum.GetValues<SimulatedFaultKind>())
        {
            var name = string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));

            Parse($"[models.m]\nfault = {{ kind = \"{name}\" }}").Models.Single().Fault!.Kind.Should().Be(kind);
        }
    }

    [Fact]
    public void Model_that_only_calls_functions_writes_no_text()
    {
        var model = Parse("[models.m]\ntool_calls = [{ name = \"f\" }]").Models.Single();

        model.Responder.Should().NotBeNull();
        model.Responder!(null!).Text.Should().BeNull();
    }

    [Theory]
    [InlineData("", "models")]
    [InlineData("[models]", "models")]
    [InlineData("model = 1", "model")]
    [InlineData("[models.m]\ntxt = \"x\"", "did you mean \"text\"?")]
    [InlineData("[models.m]\ntext = \"x\"\ntexts = [\"y\"]", "keep one of the two")]
    [InlineData("[models.m]\ntexts = []", "at least one")]
    [InlineData("[models.m]\ntexts = [1]", "sim.toml:2:10 models.m.texts[0]")]
    [InlineData("[models.m]\nfault = { kind = \"resett\" }", "did you mean \"reset\"?")]
    [InlineData("[models.m]\nfault = { every = 0, kind = \"reset\" }", "at least 1")]
    [InlineData("[models.m]\nfault = { status = 500 }", "models.m.fault.kind")]
    [InlineData("[models.m]\nfirst_token_ms = -1", "models.m.first_token_ms")]
    [InlineData("[models.m]\ntool_calls = [\"f\"]", "models.m.tool_calls[0]")]
    [InlineData("[models.m]\ntool_calls = [{ arguments = {} }]", "models.m.tool_calls[0].name")]
    [InlineData("[models.m]\nusage = { prompt_tokens = 1 }", "models.m.usage.completion_tokens")]
    [InlineData("[models.m\n", "sim.toml:1:")]
    public void Problem_is_named_with_its_place_and_gives_no_model(string text, string part)
    {
        var file = Parse(text);

        file.Models.Should().BeEmpty();
        file.Problems.Should().ContainSingle().Which.ToString().Should().Contain(part).And.StartWith("sim.toml:");
    }

    [Fact]
    public void All_problems_are_reported_at_once() =>
        Parse("[models.a]\nx = 1\n[models.b]\nlisted = \"maybe\"\ntokens_per_sec = -1").Problems.Select(p => p.Line).Should().Equal(2, 4, 5);

    private static SimulationFile Parse(string text) => SimulationFile.Parse(Encoding.UTF8.GetBytes(text), "sim.toml");
}
