using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Synthwave.Providers;

namespace Synthwave.UnitTests.Providers;

public sealed partial class PresetCatalogTests
{
    private static readonly DateOnly WrittenAfter = new(2025, 12, 1);

    private static readonly string[] Facts = ["chat", "messages", "responses", "embeddings", "listing", "auth", "keys", "quirks", "billing", "quota"];

    public static TheoryData<string> Ids => [.. PresetCatalog.BuiltIn.All.Select(p => p.Id)];

    [Theory]
    [InlineData("openai anthropic gemini openrouter aihubmix synthetic together groq deepseek mistral perplexity silicon xai fireworks cerebras nvidia moonshot zhipu minimax dashscope")]
    [InlineData("ollama lmstudio vllm llamacpp")]
    [InlineData("azure kimi-coding vercel cloudflare cohere novita nebius baseten chutes scaleway ovhcloud deepinfra huggingface github nano-gpt")]
    [InlineData("moonshot-cn minimax-cn silicon-intl zhipu-intl zhipu-coding dashscope-intl")]
    public void The_providers_that_are_promised_are_there(string ids) =>
        ids.Split(' ').Where(id => PresetCatalog.BuiltIn.Find(id) is null).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_preset_says_where_a_key_goes_and_it_goes_nowhere_else(string id)
    {
        var preset = Preset(id);
        var bases = new[] { preset.Bases.Chat, preset.Bases.Messages, preset.Bases.Responses, preset.Bases.Embeddings }.OfType<string>().ToList();
        var all = bases.Concat(new[] { preset.Listing?.Url, preset.Quota?.Url }.OfType<string>()).ToList();

        bases.Should().NotBeEmpty();
        preset.BaseOf(preset.IsAnthropic).Should().NotBeNull();
        foreach (var text in all)
        {
            var url = new Uri(BaseTemplate.Fill(text, "some/model", _ => "x1").Url!, UriKind.Absolute);
            url.Scheme.Should().Be(preset.IsLocal ? "http" : "https", text);
            url.IsLoopback.Should().Be(preset.IsLocal, text);
            url.UserInfo.Should().BeEmpty();
            text.Should().NotEndWith("/").And.NotContain(" ");
        }

        // What shares a domain shares an owner.
        all.Select(u => string.Join('.', new Uri(BaseTemplate.Fill(u, "m", _ => "x1").Url!).Host.Split('.')[^2..])).Distinct().Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_preset_is_written_by_its_rules(string id)
    {
        var preset = Preset(id);

        id.Should().MatchRegex("^[a-z0-9]+(-[a-z0-9]+)*$");
        preset.Name.Should().NotBeNullOrWhiteSpace();
        preset.Ids?.Form.Should().NotBeNullOrWhiteSpace();
        preset.Health.Should().MatchRegex("^(models|none|/.*)$");
        preset.Keys.Should().NotBeEmpty().And.OnlyContain(k => VariableName().IsMatch(k));
        preset.IsKeyOptional.Should().Be(preset.IsLocal);
        new[] { preset.Urls.Console, preset.Urls.Billing, preset.Urls.Status }.OfType<string>().Where(u => new Uri(u).Scheme != "https").Should().BeEmpty();
        (preset.IsLocal || preset.Urls.Console is not null).Should().BeTrue("somebody without a key wants to know where to get one");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_preset_tells_where_it_is_from_and_what_of_it_is_sure(string id)
    {
        var preset = Preset(id);
        var has = new Dictionary<string, bool>
        {
            ["chat"] = preset.Bases.Chat is not null,
            ["messages"] = preset.Bases.Messages is not null,
            ["responses"] = preset.Bases.Responses is not null,
            ["embeddings"] = preset.Bases.Embeddings is not null,
            ["listing"] = preset.Listing is not null,
            ["quirks"] = preset.Quirks != new PresetQuirks(),
            ["quota"] = preset.Quota is not null,
        };

        preset.Source.From.Should().NotBeEmpty().And.OnlyContain(f => !string.IsNullOrWhiteSpace(f));
        DateOnly.ParseExact(preset.Source.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture).Should().BeAfter(WrittenAfter);
        preset.Source.Confirmed.Should().NotBeEmpty().And.OnlyHaveUniqueItems().And.BeSubsetOf(Facts);
        preset.Source.Confirmed.Where(f => has.TryGetValue(f, out var isThere) && !isThere).Should().BeEmpty("what is not there is not confirmed");
    }

    [Fact]
    public void No_name_means_two_providers()
    {
        var names = PresetCatalog.BuiltIn.All.SelectMany(p => p.AlsoCalled.Append(p.Id).Select(n => n.ToLowerInvariant()));

        names.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key).Should().BeEmpty();
    }

    [Fact]
    public void A_preset_is_found_by_its_id_and_guessed_by_what_others_call_it()
    {
        PresetCatalog.BuiltIn.Find("openai")!.Name.Should().Be("OpenAI");
        PresetCatalog.BuiltIn.Find("OpenAI").Should().BeNull();
        PresetCatalog.BuiltIn.Find("zai").Should().BeNull();
        PresetCatalog.BuiltIn.Called("ZAI")!.Id.Should().Be("zhipu-intl");
        PresetCatalog.BuiltIn.Called("OpenAI")!.Id.Should().Be("openai");
        PresetCatalog.BuiltIn.Called("nobody").Should().BeNull();
    }

    [Fact]
    public void What_a_preset_extends_fills_its_gaps_but_gives_no_address()
    {
        var catalog = Read("""
            { "id": "home", "name": "Home", "bases": { "chat": "https://home.test/v1", "messages": "https://home.test/anthropic/v1" }, "auth": "api-key", "keys": ["HOME_KEY"], "health": "none",
              "listing": { "url": "https://home.test/v1/models", "form": "home" }, "quota": { "url": "https://home.test/quota" }, "quirks": { "text_content": "string" }, "billing": "plan", "init": true, "source": { "from": ["a test"], "date": "2026-11-30", "confirmed": [] } },
            { "id": "twin", "name": "Twin", "extends": "home", "bases": { "chat": "https://twin.test/v1" }, "source": { "from": ["a test"], "date": "2026-11-30", "confirmed": [] } }
            """);

        var twin = catalog.Find("twin")!;

        twin.Extends.Should().Be("home");
        twin.Bases.Should().Be(new PresetBases { Chat = "https://twin.test/v1" });
        twin.Listing.Should().BeNull();
        twin.Quota.Should().BeNull();
        twin.Should().BeEquivalentTo(new { Auth = KeyScheme.ApiKey, Keys = new[] { "HOME_KEY" }, Health = "none", Billing = BillingModel.Plan, IsLookedFor = false });
        twin.Quirks.TextContent.Should().Be("string");
    }

    [Theory]
    [InlineData("""{ "id": "a", "name": "A", "bases": { "chat": "https://a.test" }, "source": { "from": [], "date": "", "confirmed": [] }, "base_url": "https://a.test" }""", "of form 1")]
    [InlineData("""{ "id": "a", "name": "A", "bases": { "chat": "https://a.test" } }""", "of form 1")]
    [InlineData("""{ "id": "a", "name": "A", "bases": { "chat": "https://a.test" }, "auth": "basic", "source": { "from": [], "date": "", "confirmed": [] } }""", "of form 1")]
    [InlineData("""{ "id": "a", "name": "A", "bases": { "chats": "https://a.test" }, "source": { "from": [], "date": "", "confirmed": [] } }""", "of form 1")]
    [InlineData("""{ "id": "a", "name": "A", "extends": "b", "bases": {}, "source": { "from": [], "date": "", "confirmed": [] } }""", "extends 'b'")]
    [InlineData("""{ "id": "a", "name": "A", "bases": {}, "source": { "from": [], "date": "", "confirmed": [] } }, { "id": "a", "name": "A", "bases": {}, "source": { "from": [], "date": "", "confirmed": [] } }""", "twice")]
    [InlineData("nonsense", "of form 1")]
    public void A_slip_in_the_list_is_refused(string presets, string reason)
    {
        var read = () => Read(presets);

        read.Should().Throw<InvalidDataException>().WithMessage($"*{reason}*");
    }

    private static Preset Preset(string id) => PresetCatalog.BuiltIn.Find(id)!;

    private static PresetCatalog Read(string presets) => PresetCatalog.Read(Encoding.UTF8.GetBytes($$"""{ "version": 1, "date": "2026-11-30", "presets": [{{presets}}] }"""));

    [GeneratedRegex("^[A-Z][A-Z0-9_]*$")]
    private static partial Regex VariableName();
}
