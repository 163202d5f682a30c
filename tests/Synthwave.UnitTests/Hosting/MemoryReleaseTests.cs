using Microsoft.Extensions.Time.Testing;
using Synthwave.Hosting;

namespace Synthwave.UnitTests.Hosting;

public sealed class MemoryReleaseTests : IDisposable
{
    private const long Megabyte = 1024 * 1024;

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryRelease _release;
    private long _allocated = 1000 * Megabyte;
    private int _released;

    public MemoryReleaseTests()
    {
        _release = new MemoryRelease(_time, () => _allocated, () => _released++);
        _release.StartAsync(CancellationToken.None).IsCompletedSuccessfully.Should().BeTrue();
    }

    public void Dispose() => _release.Dispose();

    private void Looks(params int[] megabytesEach)
    {
        foreach (var megabytes in megabytesEach)
        {
            _allocated += megabytes * Megabyte;
            _time.Advance(MemoryRelease.Period);
        }
    }

    [Fact]
    public void Memory_is_given_back_once_when_work_is_over()
    {
        Looks(500, 200, 0);
        _released.Should().Be(0, "one quiet look may fall between two requests");

        Looks(0, 0, 0, 0);

        _released.Should().Be(1);
    }

    [Fact]
    public void What_pools_keep_for_a_minute_is_given_back_too()
    {
        Looks(500, 0, 0, 0);
        _released.Should().Be(1);

        Looks([.. Enumerable.Repeat(0, 30)]);

        _released.Should().Be(2);
    }

    [Fact]
    public void Work_that_goes_on_is_never_interrupted()
    {
        Looks(100, 0, 100, 0, 2, 2, 2, 0, 5);

        _released.Should().Be(0);
    }

    [Fact]
    public void Little_work_is_not_worth_it_until_it_adds_up()
    {
        Looks(10, 0, 0, 0);
        _released.Should().Be(0);

        Looks(10, 0, 0, 0);

        _released.Should().Be(1);
    }

    [Fact]
    public void A_stopped_server_looks_no_more()
    {
        Looks(500);
        _release.StopAsync(CancellationToken.None).IsCompletedSuccessfully.Should().BeTrue();

        Looks(0, 0, 0);

        _released.Should().Be(0);
    }
}
