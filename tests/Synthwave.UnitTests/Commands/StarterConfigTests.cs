using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Commands.Discovery;
using Synthwave.Configuration.Loading;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Commands;

public sealed class StarterConfigTests
{
    [Fact]
    public void Any_catalog_gives_a_file_that_loads_without_a_doubt() => Seeded.Run(300, random =>
    {
        var found = KnownEndpoint.All.DistinctBy(e => e.Name).Where(_ => random.Next(3) == 0).Select(e => new EndpointFound(e, Models(random))).ToArray();
        var upstreams = StarterConfig.Select(found);
        if (upstreams.IsEmpty)
        {
            return;
        }

        var result = ConfigLoader.Parse(StarterConfig.Write(upstreams), "x.toml", name => name.EndsWith("_KEY", StringComparison.Ordinal) ? "k" : null);

        result.Errors.Should().BeEmpty();
        result.Warnings.Should().BeEmpty();
        result.Config!.Upstreams.Should().HaveCount(upstreams.Length);
        result.Config.Profiles.Should().NotBeEmpty();
    });

    private static ImmutableArray<FoundModel> Models(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(5)).Select(i => new FoundModel(
            string.Concat(RandomText.Valid(random, 6).Where(c => !char.IsControl(c))) + i.ToString(CultureInfo.InvariantCulture),
            random.Next(3) == 0 ? null : random.Next(1, 300_000),
            random.Next(3) == 0 ? null : random.Next(1, 100_000),
            random.Next(2) == 0 ? null : random.Next(),
            random.Next(5) > 0)),
    ];
}
