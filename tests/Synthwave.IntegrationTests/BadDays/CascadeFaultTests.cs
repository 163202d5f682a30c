using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>A healthy second member stands by: the client notices nothing but the headers.</summary>
public sealed class CascadeFaultTests
{
    public static TheoryData<string, bool> Cells => FaultCase.Cells;

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_members_fault_before_its_first_content_is_invisible(string fault, bool stream)
    {
        using var dead = new RefusedPort();
        var given = FaultCase.Named(fault);
        await using var day = await BadDay.StartAsync(given.On("a", dead.BaseUrl) with { Cascade = given.NeedsDeadline(stream) ? "attempt_timeout_secs = 1" : "" });

        var view = await day.AskAsync("cascade", stream);

        view.ShouldBeComplete().Content.Should().Be(BadDay.Texts["b"]);
        view.Header("X-MetaModel-Cascade-Tried").Should().Be("a,b");
        view.Header("X-MetaModel-Cascade-Winner").Should().Be("b");
        view.Header("X-MetaModel-Cascade-Attempts").Should().Be($"a:{given.For(stream).Reason}");
        day.Models.CallsTo("c").Should().Be(0);
        await day.ShouldBeQuietAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_every_member_fails_the_last_failure_is_told_and_all_are_listed(bool stream)
    {
        using var dead = new RefusedPort();
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model("b", new(Simulation.SimulatedFaultKind.WrongType)), BadDay.Model("c", new(Simulation.SimulatedFaultKind.Stall))],
            BaseUrls = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("a", dead.BaseUrl),
            Upstreams = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("c", "first_byte_timeout_secs = 0.2"),
        });

        var view = await day.AskAsync("cascade", stream);

        view.ShouldBeFailure(504, "cascade_exhausted");
        view.Header("X-MetaModel-Cascade-Attempts").Should().Be("a:transport,b:non_json,c:timeout");
        view.Header("X-MetaModel-Cascade-Exhausted").Should().Be("3");
        view.Header("X-MetaModel-Cascade-Last-Status").Should().Be("504");
        await day.ShouldBeQuietAsync();
    }
}
