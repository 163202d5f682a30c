using System.ClientModel;
using OpenAI.Models;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

public sealed class ModelListTests
{
    private const string Profiles = """
        [profiles.relay]
        type = "cascade"
        upstreams = ["echo"]
        aliases = ["best"]
        """;

    [Fact]
    public async Task The_list_names_profiles_and_aliases()
    {
        await using var scenario = await ClientScenario.StartAsync([SimulatedModel.Saying("echo", "ok")], more: Profiles);

        OpenAIModelCollection models = await scenario.ModelList().GetModelsAsync(scenario.Patience);

        models.Select(m => m.Id).Should().Equal("relay", "best");
        models.Should().OnlyContain(m => m.OwnedBy == "meta-model");
    }

    [Theory]
    [InlineData("relay")]
    [InlineData("best")]
    [InlineData("echo")]
    public async Task Every_callable_name_can_be_looked_up(string name)
    {
        await using var scenario = await ClientScenario.StartAsync([SimulatedModel.Saying("echo", "ok")], more: Profiles);

        OpenAIModel model = await scenario.ModelList().GetModelAsync(name, scenario.Patience);

        model.Id.Should().Be(name);
        model.CreatedAt.Should().BeAfter(DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task An_unknown_name_is_a_404()
    {
        await using var scenario = await ClientScenario.StartAsync([SimulatedModel.Saying("echo", "ok")], more: Profiles);

        var looking = async () => await scenario.ModelList().GetModelAsync("nobody", scenario.Patience);

        (await looking.Should().ThrowAsync<ClientResultException>()).Which.Status.Should().Be(404);
    }
}
