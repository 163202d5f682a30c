using Microsoft.Extensions.Time.Testing;
using Synthwave.Strategies.Media;

namespace Synthwave.UnitTests.Strategies;

public class DescriptionCacheTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Keys_do_not_run_into_one_another() =>
        DescriptionCache.KeyOf("ab"u8, "c"u8, "d").Should().NotBe(DescriptionCache.KeyOf("a"u8, "bc"u8, "d"))
            .And.NotBe(DescriptionCache.KeyOf("ab"u8, ""u8, "cd")).And.NotBe(DescriptionCache.KeyOf("ab"u8, "c"u8, null));

    [Fact]
    public void Descriptions_expire_and_the_longest_unused_make_room()
    {
        var cache = new DescriptionCache(_time);
        var large = new string('x', (int)(DescriptionCache.MostBytes / 5));
        cache.Keep("a", large);
        cache.Keep("b", large);
        cache.Find("a").Should().Be(large);
        cache.Keep("c", large);

        cache.Find("b").Should().BeNull("a was used since");
        cache.Find("a").Should().NotBeNull();
        cache.Limit = DescriptionCache.MostBytes / 2;
        cache.Find("c").Should().BeNull("there is room for one alone");
        cache.Find("a").Should().NotBeNull();
        _time.Advance(DescriptionCache.Lifetime + TimeSpan.FromSeconds(1));
        cache.Find("a").Should().BeNull();
    }
}
