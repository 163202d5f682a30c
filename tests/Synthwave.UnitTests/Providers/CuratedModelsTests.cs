using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Synthwave.Providers;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Providers;

public sealed partial class CuratedModelsTests
{
    private static readonly string[] Inputs = ["text", "image", "video", "audio", "file"];

    [Fact]
    public void The_list_is_long_enough_to_be_of_use() => CuratedModels.BuiltIn.All.Should().HaveCountGreaterThanOrEqualTo(150);

    [Fact]
    public void Every_model_is_of_a_provider_that_is_known_and_says_who_told()
    {
        foreach (var model in CuratedModels.BuiltIn.All)
        {
            var name = $"{model.Provider} {model.Id}";
            PresetCatalog.BuiltIn.Find(model.Provider).Should().NotBeNull(name);
            model.Id.Should().NotBeNullOrWhiteSpace(name).And.NotEndWith(":batch", name);
            (model.Model ?? "vendor/name").Should().MatchRegex("^[a-z0-9-]+/[a-z0-9.-]+$", name);
            model.Source.Should().NotBeNullOrWhiteSpace(name);
            DateOnly.ParseExact(model.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture).Should().BeAfter(new DateOnly(2025, 12, 1), name);
        }

        DateOnly.ParseExact(CuratedModels.BuiltIn.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture).Should().BeAfter(new DateOnly(2026, 1, 1));
    }

    [Fact]
    public void Unknown_is_absent_and_never_zero()
    {
        foreach (var model in CuratedModels.BuiltIn.All)
        {
            var name = $"{model.Provider} {model.Id}";
            (model.Context ?? 1).Should().BePositive(name);
            (model.MaxOutput ?? 1).Should().BePositive(name).And.BeLessThanOrEqualTo(model.Context ?? int.MaxValue, name);
            (model.Input ?? ["text"]).Should().Contain("text", name).And.BeSubsetOf(Inputs, name).And.OnlyHaveUniqueItems(name);
        }
    }

    [Fact]
    public void Nothing_is_free_unless_its_provider_says_so()
    {
        foreach (var model in CuratedModels.BuiltIn.All.Where(m => m.Price is not null))
        {
            var billing = PresetCatalog.BuiltIn.Find(model.Provider)!.Billing;

            billing.Should().NotBe(BillingModel.Plan, "{0} {1}: what a plan includes has no price", model.Provider, model.Id);
            if (billing is not (BillingModel.Free or BillingModel.Local))
            {
                model.Price!.Input.Should().BePositive("{0} {1}", model.Provider, model.Id);
                model.Price.Output.Should().BePositive("{0} {1}", model.Provider, model.Id);
                (model.Price.Cached ?? 1).Should().BePositive("{0} {1}", model.Provider, model.Id);
            }
        }
    }

    [Fact]
    public void Money_is_written_as_decimal_text()
    {
        var list = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "src", "Synthwave", "Providers", "models.json")))!["models"]!.AsArray();
        var amounts = list.Select(m => m!["price"]).OfType<JsonObject>().SelectMany(p => p.Select(a => a.Value!)).ToList();

        amounts.Should().HaveCountGreaterThan(200);
        amounts.Should().OnlyContain(a => a.GetValueKind() == System.Text.Json.JsonValueKind.String && Amount().IsMatch(a.GetValue<string>()));
    }

    [Fact]
    public void A_model_is_found_by_the_exact_id_that_is_sent()
    {
        var found = Find("synthetic", "hf:zai-org/GLM-5.2")!;

        found.Should().BeEquivalentTo(new { Provider = "synthetic", Model = "zai/glm-5.2", Context = 524_288, MaxOutput = 65_536, Tools = true, Reasoning = true, Structured = true });
        found.Price.Should().BeNull();
        Find("openai", "gpt-5.5")!.Price.Should().Be(new CuratedPrice { Input = 5m, Output = 30m, Cached = 0.5m });
        Find("synthetic", "zai-org/GLM-5.2").Should().BeNull();
        Find("synthetic", "HF:zai-org/GLM-5.2").Should().BeNull();
        CuratedModels.BuiltIn.At("perplexity").Select(m => m.Id).Should().Contain("sonar-pro");
        CuratedModels.BuiltIn.At("nobody").Should().BeEmpty();
    }

    [Fact]
    public void Another_region_knows_what_a_model_can_do_but_not_what_it_costs()
    {
        Find("moonshot", "kimi-k2.6")!.Price.Should().NotBeNull();

        var elsewhere = Find("moonshot-cn", "kimi-k2.6")!;

        elsewhere.Context.Should().Be(262_144);
        elsewhere.Price.Should().BeNull();
    }

    [Theory]
    [InlineData("""{ "provider": "openai", "id": "a", "lifecycle": "current", "source": "a test", "date": "2026-11-30", "window": 1 }""", "of form 1")]
    [InlineData("""{ "provider": "openai", "id": "a", "lifecycle": "new", "source": "a test", "date": "2026-11-30" }""", "of form 1")]
    [InlineData("""{ "provider": "openai", "id": "a", "lifecycle": "current", "date": "2026-11-30" }""", "of form 1")]
    [InlineData("""{ "provider": "openai", "id": "a", "lifecycle": "current", "source": "a test", "date": "2026-11-30", "price": { "input": "1" } }""", "of form 1")]
    [InlineData("""{ "provider": "openai", "id": "a", "lifecycle": "current", "source": "a test", "date": "2026-11-30" }, { "provider": "openai", "id": "a", "lifecycle": "current", "source": "a test", "date": "2026-11-30" }""", "twice")]
    public void A_slip_in_the_list_is_refused(string models, string reason)
    {
        var read = () => CuratedModels.Read(Encoding.UTF8.GetBytes($$"""{ "version": 1, "date": "2026-11-30", "models": [{{models}}] }"""));

        read.Should().Throw<InvalidDataException>().WithMessage($"*{reason}*");
    }

    private static CuratedModel? Find(string provider, string id) => CuratedModels.BuiltIn.Find(PresetCatalog.BuiltIn.Find(provider)!, id, PresetCatalog.BuiltIn);

    [GeneratedRegex(@"^\d+(\.\d+)?$")]
    private static partial Regex Amount();
}
