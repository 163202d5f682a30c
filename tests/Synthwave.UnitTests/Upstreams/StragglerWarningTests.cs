using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Configuration.Loading;
using Synthwave.Upstreams.Calls;

namespace Synthwave.UnitTests.Upstreams;

public class StragglerWarningTests
{
    [Fact]
    public void A_generator_cut_too_often_is_named_once_and_what_is_known_of_it_survives_a_reload()
    {
        var log = new CapturingLogger();
        var config = ConfigLoader.Parse("[upstreams.slow]\nmodel_id = \"m\"\nbase_url = \"http://127.0.0.1:1\"\ncontext = 1000\nmax_output = 100", null, _ => null).Config!;
        using var registry = new UpstreamRegistry(new UpstreamContext { Time = new FakeTimeProvider(), Logger = log });
        var before = registry.Build(config)["slow"];
        for (var i = 0; i < 60; i++)
        {
            before.NoteDraft(wasCut: i % 2 == 0);
        }

        var after = registry.Build(config)["slow"];
        for (var i = 0; i < 60; i++)
        {
            after.NoteDraft(wasCut: i % 2 == 0);
        }

        log.Lines.Should().ContainSingle().Which.Should().Contain("slow").And.Contain("of its last 100 calls");
    }

    private sealed class CapturingLogger : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
