using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Nobody else can answer: the client is told what happened, with the real status, streamed or not.</summary>
public sealed class PassthroughFaultTests
{
    public static TheoryData<string, bool> Cells => FaultCase.Cells;

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_lone_upstreams_fault_is_a_typed_error(string fault, bool stream)
    {
        using var dead = new RefusedPort();
        var given = FaultCase.Named(fault);
        var expected = given.For(stream);
        var setup = given.On("a", dead.BaseUrl);
        await using var day = await BadDay.StartAsync(setup with { Server = setup.Server + (given.NeedsDeadline(stream) ? "\nrequest_timeout_secs = 1" : "") });

        var view = await day.AskAsync("a", stream);

        if (expected.Status == 200)
        {
            view.ShouldBeComplete().Content.Should().BeEmpty();
        }
        else
        {
            view.ShouldBeFailure(expected.Status, expected.Code);
            view.Error!.Value.GetRawText().Should().NotContainAny("127.0.0.1", "10.0.0.7");
        }

        view.Header("X-MetaModel-Profile").Should().Be("a");
        view.Header("Retry-After").Should().Be(fault switch
        {
            "rate_limit" => "7",
            "server_error_in_plain_text" => "1",
            _ => null,
        });
        await day.ShouldBeQuietAsync();
    }
}
