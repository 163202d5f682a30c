using Synthwave.Upstreams.Calls;

namespace Synthwave.UnitTests.Upstreams.Calls;

public sealed class RetryAfterHeaderTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("Retry-After", "7", 7)]
    [InlineData("Retry-After", "0", 0)]
    [InlineData("Retry-After", "1.5", 1.5)]
    [InlineData("Retry-After", "-3", 0)]
    [InlineData("Retry-After", "99999999999", 3600)]
    [InlineData("Retry-After", "Wed, 02 Jan 2030 03:04:35 GMT", 30)]
    [InlineData("Retry-After", "Wed, 02 Jan 2030 03:03:00 GMT", 0)]
    [InlineData("Retry-After", "Wed, 09 Jan 2030 03:04:35 GMT", 3600)]
    [InlineData("retry-after-ms", "250", 0.25)]
    public void Wait_is_read_and_bounded(string name, string value, double seconds) => Read(name, value).Should().Be(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("")]
    public void Unreadable_wait_is_no_wait(string value) => Read("Retry-After", value).Should().BeNull();

    [Fact]
    public void A_date_is_one_of_the_upstreams_own_clock()
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Date", "Mon, 05 Mar 2029 10:00:00 GMT");
        response.Headers.TryAddWithoutValidation("Retry-After", "Mon, 05 Mar 2029 10:00:20 GMT");

        RetryAfterHeader.Read(response.Headers, Now).Should().Be(TimeSpan.FromSeconds(20));
    }

    private static TimeSpan? Read(string name, string value)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation(name, value);
        return RetryAfterHeader.Read(response.Headers, Now);
    }
}
