using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Api.Admission;
using Synthwave.Hosting;
using Synthwave.IntegrationTests.BadDays;
using Synthwave.Simulation;
using Synthwave.Upstreams.Learned;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>What one client does must not be felt by the others.</summary>
public sealed class FairnessTests
{
    private static readonly SimulatedFault Slow = new(SimulatedFaultKind.Stall);

    private static readonly HttpClient Elsewhere = From("127.0.0.2");

    [Theory]
    [InlineData("/v1/chat/completions", "\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"too_many_concurrent_requests\"")]
    [InlineData("/v1/messages", "\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"")]
    public async Task A_client_with_all_its_places_taken_is_told_to_wait_and_others_are_served(string path, string told)
    {
        await using var scenario = await StartAsync("max_concurrent_per_client = 2");
        using var leaving = new CancellationTokenSource();
        var held = await HoldAsync(scenario, 2, leaving.Token);

        using var refused = await PostAsync(scenario, path, "b");
        using var other = await PostAsync(scenario, path, "b", Elsewhere);

        refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        (await refused.Content.ReadAsStringAsync()).Should().Contain(told).And.Contain("2 requests of yours");
        other.StatusCode.Should().Be(HttpStatusCode.OK);

        await LeaveAsync(scenario, leaving, held);
        using var later = await PostAsync(scenario, path, "b");
        later.StatusCode.Should().Be(HttpStatusCode.OK, "its places are free again");
    }

    [Theory]
    [InlineData("")]
    [InlineData("bearer_token = 't'")]
    public async Task A_client_cannot_make_itself_many_with_credentials_that_nobody_gave_it(string token)
    {
        await using var scenario = await StartAsync($"max_concurrent_per_client = 1\n{token}");
        using var leaving = new CancellationTokenSource();
        var held = await HoldAsync(scenario, 1, leaving.Token);

        foreach (var header in new[] { "x-api-key", "api-key" })
        {
            using var request = Request(new Uri(scenario.Gateway.Address, "/v1/chat/completions"), "b");
            request.Headers.Add(header, "one more name");
            using var refused = await scenario.Client.SendAsync(request);
            refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        }

        await LeaveAsync(scenario, leaving, held);
    }

    [Fact]
    public async Task Without_a_limit_nobody_is_told_to_wait()
    {
        await using var scenario = await StartAsync("max_concurrent_per_client = 0\nmax_concurrent_requests = 3");
        using var leaving = new CancellationTokenSource();
        var held = await HoldAsync(scenario, 3, leaving.Token);

        using var refused = await PostAsync(scenario, "/v1/chat/completions", "b");

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        await LeaveAsync(scenario, leaving, held);
    }

    [Fact]
    public async Task By_default_one_client_leaves_a_quarter_of_the_places_to_others()
    {
        await using var scenario = await StartAsync("max_concurrent_requests = 100");
        using var leaving = new CancellationTokenSource();
        var held = await HoldAsync(scenario, 75, leaving.Token);

        using var refused = await PostAsync(scenario, "/v1/chat/completions", "b");
        using var other = await PostAsync(scenario, "/v1/chat/completions", "b", Elsewhere);

        refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        other.StatusCode.Should().Be(HttpStatusCode.OK);
        await LeaveAsync(scenario, leaving, held);
    }

    [Fact]
    public async Task A_request_that_breaks_an_upstream_does_not_take_it_from_everybody()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. new[] { "a", "b", "c", "s" }.Select(n => SimulatedModel.Answering(n, r => r.AllText.Contains("poison", StringComparison.Ordinal)
                ? SimulatedAnswer.Of("") with { Fault = new SimulatedFault(SimulatedFaultKind.Status) { Status = 500 } }
                : SimulatedAnswer.Of("fine")))],
            upstream: "retries = 0\n");
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
        {
            var (poisoned, _) = await scenario.AskAsync("cascade", content: "poison");
            ((int)poisoned.StatusCode).Should().BeGreaterThanOrEqualTo(500);
        }

        var (answer, _) = await scenario.AskAsync("a", content: "hello");

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Gateway.Services.GetRequiredService<RuntimeHost>().Current.Upstreams.All.Should().OnlyContain(u => u.Resting == null);
    }

    [Fact]
    public async Task Two_clients_with_the_same_request_are_evidence_enough()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. new[] { "a", "b", "c", "s" }.Select(n => SimulatedModel.Saying(n, "x") with { Fault = new SimulatedFault(SimulatedFaultKind.Status) { Status = 500 } })],
            upstream: "retries = 0\n");
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
        {
            using var failed = await PostAsync(scenario, "/v1/chat/completions", "a", i == 0 ? null : Elsewhere);
            failed.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        }

        scenario.Gateway.Services.GetRequiredService<RuntimeHost>().Current.Upstreams["a"].Resting.Should().Be(RestReason.CircuitOpen);
    }

    private static Task<GatewayScenario> StartAsync(string server) =>
        GatewayScenario.StartAsync([.. new[] { "a", "b", "c", "s" }.Select(n => SimulatedModel.Saying(n, "hello") with { Fault = n == "a" ? Slow : null })], server);

    /// <summary>Requests to the model that never answers, all of them in work.</summary>
    private static async Task<Task[]> HoldAsync(GatewayScenario scenario, int count, CancellationToken leaving)
    {
        var held = Enumerable.Range(0, count).Select(async _ =>
        {
            using var response = await scenario.Client.SendAsync(Request(new Uri(scenario.Gateway.Address, "/v1/chat/completions"), "a"), leaving);
            response.StatusCode.Should().NotBe(HttpStatusCode.TooManyRequests);
        }).ToArray();
        var admission = scenario.Gateway.Services.GetRequiredService<RequestAdmission>();
        await BadDay.Until(() => admission.InWork == count, "all are in work");
        return held;
    }

    private static async Task LeaveAsync(GatewayScenario scenario, CancellationTokenSource leaving, Task[] held)
    {
        await leaving.CancelAsync();
        foreach (var request in held)
        {
            await request.Invoking(r => r).Should().ThrowAsync<OperationCanceledException>();
        }

        var admission = scenario.Gateway.Services.GetRequiredService<RequestAdmission>();
        await BadDay.Until(() => admission.InWork == 0, "nothing is in work");
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayScenario scenario, string path, string model, HttpClient? client = null) =>
        (client ?? scenario.Client).SendAsync(Request(new Uri(scenario.Gateway.Address, path), model));

    private static HttpClient From(string address) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (context, token) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(context.DnsEndPoint, token);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static HttpRequestMessage Request(Uri address, string model) => new(HttpMethod.Post, address)
    {
        Content = new StringContent($$"""{"model":"{{model}}","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"),
        Headers = { { "Authorization", "Bearer t" } },
    };
}
