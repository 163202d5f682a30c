using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed partial class ExpositionTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task A_traced_request_can_be_found_from_its_bucket()
    {
        await using var scenario = await StartAsync();

        using var answer = await AskAsync(scenario, "moa", sampled: true);

        var id = answer.Headers.GetValues("X-MetaModel-Request-Id").Single();
        Bucket().Matches(await ScrapeAsync(scenario, "application/openmetrics-text")).Should().Contain(m => m.Groups["trace"].Value == TraceId && m.Groups["request"].Value == id);
    }

    [Fact]
    public async Task A_request_nobody_traces_leaves_no_exemplar()
    {
        await using var scenario = await StartAsync();

        using var answer = await AskAsync(scenario, "moa", sampled: false);

        var text = await ScrapeAsync(scenario, "application/openmetrics-text");
        text.Should().Contain("synthwave_requests_total{profile=\"moa\"").And.NotContain(TraceId).And.EndWith("# EOF\n");
    }

    [Fact]
    public async Task Money_is_counted_by_profile_and_upstream()
    {
        await using var scenario = await StartAsync();

        using var answer = await AskAsync(scenario, "moa", sampled: false);

        var text = await ScrapeAsync(scenario, "text/plain");
        string[] upstreams = ["a", "b", "c", "s"];
        upstreams.Should().AllSatisfy(u => text.Should().Contain($"synthwave_cost_usd_total{{profile=\"moa\",upstream=\"{u}\"}} 0.002\n"));
    }

    [Fact]
    public async Task What_a_client_asks_for_never_becomes_a_label()
    {
        await using var scenario = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            using var refused = await AskAsync(scenario, $"made-up-{i}", sampled: true);
            ((int)refused.StatusCode).Should().Be(404);
        }

        using var answer = await AskAsync(scenario, "moa", sampled: false);

        var text = await ScrapeAsync(scenario, "text/plain");
        text.Should().Contain("synthwave_requests_total{profile=\"moa\"").And.NotContain("made-up");
    }

    [Fact]
    public async Task The_process_tells_of_itself()
    {
        await using var scenario = await StartAsync();

        var text = await ScrapeAsync(scenario, "text/plain");

        Value(text, "process_cpu_seconds_total").Should().BePositive();
        Value(text, "process_resident_memory_bytes").Should().BeGreaterThan(10_000_000);
        Value(text, "process_threads").Should().BeGreaterThan(1);
        Value(text, "process_start_time_seconds").Should().BeInRange(1_500_000_000, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Value(text, "dotnet_gc_heap_total_allocated_bytes_total").Should().BePositive();
        if (OperatingSystem.IsLinux())
        {
            Value(text, "process_open_fds").Should().BeInRange(3, Value(text, "process_max_fds"));
        }
    }

    private static Task<GatewayScenario> StartAsync() => GatewayScenario.StartAsync(
        new[] { "a", "b", "c", "s" }.Select(static id => SimulatedModel.Saying(id, $"Says {id}.") with { Usage = new SimulatedUsage(1000, 100) }),
        upstream: "price = { input = 1, output = 10 }");

    // A request is counted after its last byte left, and a client may be quicker than that: it is over when its line is in the log.
    private static async Task<HttpResponseMessage> AskAsync(GatewayScenario scenario, string model, bool sampled)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
        request.Headers.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-{(sampled ? "01" : "00")}");
        request.Content = new StringContent($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hello?"}]}""", Encoding.UTF8, "application/json");
        var answer = await scenario.Client.SendAsync(request);
        var id = answer.Headers.GetValues("X-MetaModel-Request-Id").Single();
        await scenario.Gateway.Log.UntilOverAsync(r => r.RequestId == id);
        return answer;
    }

    private static async Task<string> ScrapeAsync(GatewayScenario scenario, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        using var response = await scenario.Client.SendAsync(request);
        response.Content.Headers.ContentType!.MediaType.Should().Be(accept);
        return await response.Content.ReadAsStringAsync();
    }

    private static double Value(string text, string name) => double.Parse(
        text.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal))[name.Length..], System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("^synthwave_request_seconds_bucket\\{profile=\"moa\",[^}]*\\} 1 # \\{trace_id=\"(?<trace>[0-9a-f]{32})\",request_id=\"(?<request>[^\"]+)\"\\} [0-9.E-]+ [0-9.]+$", RegexOptions.Multiline)]
    private static partial Regex Bucket();
}
