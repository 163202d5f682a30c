using Synthwave.Chat.Memory;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat.Memory;

public sealed class WholeBodyTests : IMemoryHolder
{
    private const int Mebibyte = 1024 * 1024;

    private readonly MemoryBudget _budget = new(new ManualTimeProvider()) { Limit = 64 * Mebibyte };

    string IMemoryHolder.Client => "client";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData((16 * 1024) + 1)]
    [InlineData(80 * 1024)]
    [InlineData(Mebibyte)]
    [InlineData((5 * Mebibyte) + 7)]
    public async Task A_body_is_read_as_it_is_whether_its_length_is_known_or_not(int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);
        foreach (var stated in (long?[])[length, null])
        {
            using var share = await EnterAsync();

            var reading = await WholeBody.ReadAsync(new Dripping(body), stated, 6 * Mebibyte, share, default);

            reading.Outcome.Should().Be(BodyOutcome.Whole);
            reading.Bytes.AsSpan().SequenceEqual(body).Should().BeTrue();
            share.Held.Should().BeInRange(length, length + (256 * 1024), "what was needed on the way is given back");
        }

        _budget.Used.Should().Be(0);
    }

    [Theory]
    [InlineData(80 * 1024)]
    [InlineData((5 * Mebibyte) + 7)]
    public async Task The_last_piece_of_a_large_body_is_asked_for_by_itself(int length)
    {
        using var share = await EnterAsync();
        var stream = new Eager(new byte[length]);

        await WholeBody.ReadAsync(stream, length, 6 * Mebibyte, share, default);

        stream.LastAsked.Should().BeLessThanOrEqualTo(4096, "a connection's own buffer takes what is no longer than itself, and its socket forgets the body");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_too_large()
    {
        using var share = await EnterAsync();

        (await WholeBody.ReadAsync(new Dripping(new byte[101]), 101, 100, share, default)).Outcome.Should().Be(BodyOutcome.TooLarge);
        (await WholeBody.ReadAsync(new Dripping(new byte[101]), null, 100, share, default)).Outcome.Should().Be(BodyOutcome.TooLarge);
        (await WholeBody.ReadAsync(new Dripping(new byte[100]), null, 100, share, default)).Outcome.Should().Be(BodyOutcome.Whole);
    }

    [Fact]
    public async Task A_body_for_which_there_is_no_memory_is_none()
    {
        _budget.TryTake(30 * Mebibyte, "client");
        foreach (var stated in (long?[])[4 * Mebibyte, null])
        {
            using var share = await EnterAsync();

            // The clock stands still: who has to wait waits for ever.
            var reading = WholeBody.ReadAsync(new Dripping(new byte[4 * Mebibyte]), stated, long.MaxValue, share, default).AsTask();

            reading.IsCompleted.Should().BeFalse();
            _budget.Limit = 1024 * Mebibyte;
            (await reading).Outcome.Should().Be(BodyOutcome.Whole);
            _budget.Limit = 64 * Mebibyte;
        }
    }

    [Fact]
    public async Task An_announced_length_alone_holds_an_eighth()
    {
        using var share = await EnterAsync();
        using var stream = new Stalled();

        var reading = WholeBody.ReadAsync(stream, 16 * Mebibyte, long.MaxValue, share, stream.Token).AsTask();

        reading.IsCompleted.Should().BeFalse();
        share.Held.Should().BeLessThan(3 * Mebibyte);
        stream.Leave();
        await reading.Invoking(static r => r).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_body_that_ends_early_is_an_error()
    {
        using var share = await EnterAsync();

        await FluentActions.Awaiting(() => WholeBody.ReadAsync(new Dripping(new byte[10]), 11, 100, share, default).AsTask()).Should().ThrowAsync<EndOfStreamException>();
        await FluentActions.Awaiting(() => WholeBody.ReadAsync(new Dripping(new byte[10]), 3 * Mebibyte, long.MaxValue, share, default).AsTask()).Should().ThrowAsync<EndOfStreamException>();
    }

    private async Task<MemoryShare> EnterAsync()
    {
        var share = new MemoryShare(_budget, this);
        await share.EnterAsync(default);
        return share;
    }

    /// <summary>Gives at most a few kilobytes at a time.</summary>
    private sealed class Dripping(byte[] body) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(buffer.Length, 7000)], cancellationToken);
    }

    /// <summary>Gives all that is asked for.</summary>
    private sealed class Eager(byte[] body) : MemoryStream(body)
    {
        public int LastAsked { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            LastAsked = buffer.Length;
            return base.ReadAsync(buffer, cancellationToken);
        }
    }

    /// <summary>Never gives anything.</summary>
    private sealed class Stalled : MemoryStream
    {
        private readonly CancellationTokenSource _left = new();

        public CancellationToken Token => _left.Token;

        public void Leave() => _left.Cancel();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            _left.Dispose();
            base.Dispose(disposing);
        }
    }
}
