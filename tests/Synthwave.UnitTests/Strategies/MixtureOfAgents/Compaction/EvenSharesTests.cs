using Synthwave.Strategies.MixtureOfAgents.Compaction;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Strategies.MixtureOfAgents.Compaction;

public sealed class EvenSharesTests
{
    [Theory]
    [InlineData(new[] { 10, 20, 30 }, 60, int.MaxValue)]
    [InlineData(new[] { 10, 20, 30 }, 45, 17)]
    [InlineData(new[] { 10, 200, 300 }, 210, 100)]
    [InlineData(new[] { 5, 5 }, 0, 0)]
    [InlineData(new int[0], 0, int.MaxValue)]
    public void Small_sizes_stay_whole_and_leave_their_rest_to_the_large(int[] sizes, int room, int level)
    {
        EvenShares.Level(sizes, room).Should().Be(level);
    }

    [Fact]
    public void Cut_sizes_fill_the_room_without_exceeding_it()
    {
        Seeded.Run(1000, random =>
        {
            var sizes = Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(0, 1000)).ToArray();
            var room = random.Next(0, sizes.Sum() + 1);

            var level = EvenShares.Level(sizes, room);

            var sum = sizes.Sum(s => Math.Min(s, level));
            sum.Should().BeLessThanOrEqualTo(room).And.BeGreaterThan(Math.Min(room, sizes.Sum()) - sizes.Length);
        });
    }
}
