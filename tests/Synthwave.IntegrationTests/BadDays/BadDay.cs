using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serilog.Events;
using Synthwave.Api.Admission;
using Synthwave.Hosting;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>What is configured differently from four healthy models on one server.</summary>
internal sealed record BadDaySetup
{
    /// <summary>Replace the healthy models of the same id.</summary>
    public ImmutableArray<SimulatedModel> Models { get; init; } = [];

    /// <summary>Further lines of <c>[server]</c>.</summary>
    public string Server { get; init; } = "";

    /// <summary>Further lines of <c>[profiles.moa]</c>.</summary>
    public string Moa { get; init; } = "";

    /// <summary>Further lines of <c>[profiles.cascade]</c>.</summary>
    public string Cascade { get; init; } = "";

    /// <summary>Further lines of one upstream's table.</summary>
    public ImmutableDictionary<string, string> Upstreams { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Upstreams that are somewhere else than on the simulated server.</summary>
    public ImmutableDictionary<string, string> BaseUrls { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>
/// Simulated models <c>a</c>, <c>b</c>, <c>c</c> and <c>s</c>, each with a text of its own, and a gateway with the profiles <c>moa</c>
/// (a, b, c → s) and <c>cascade</c> (a, b, c) in front of them.
/// </summary>
internal sealed class BadDay : IAsyncDisposable
{
    /// <summary>Far beyond what anything here takes, and short of what a hanging test costs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What each model says. No two share a word.</summary>
    public static readonly ImmutableDictionary<string, string> Texts = ImmutableDictionary.CreateRange(
    [
        KeyValuePair.Create("a", "alpha answers amber and azure again"),
        KeyValuePair.Create("b", "beta brings blue because blue belongs"),
        KeyValuePair.Create("c", "gamma gives green, gold, gray"),
        KeyValuePair.Create("s", "sigma sums several such sentences"),
    ]);

    private bool _mustBeClean;

    private BadDay(SimulatedServer models, TestGateway gateway)
    {
        Models = models;
        Gateway = gateway;
        Admission = gateway.Services.GetRequiredService<RequestAdmission>();
        Runtime = gateway.Services.GetRequiredService<RuntimeHost>();
    }

    public SimulatedServer Models { get; }

    public TestGateway Gateway { get; }

    public RequestAdmission Admission { get; }

    public RuntimeHost Runtime { get; }

    public static SimulatedModel Model(string id, SimulatedFault? fault = null) => SimulatedModel.Saying(id, Texts[id]) with { Fault = fault };

    public static async Task<BadDay> StartAsync(BadDaySetup? setup = null, TimeProvider? time = null)
    {
        setup ??= new BadDaySetup();
        var models = await SimulatedServer.StartAsync(Texts.Keys.Select(id => setup.Models.FirstOrDefault(m => m.Id == id) ?? Model(id)));
        return new(models, await TestGateway.StartAsync(Toml(setup, models.BaseUrl), time: time));
    }

    /// <summary>Sends a chat call and reads the answer to its end.</summary>
    public async Task<ClientView> AskAsync(string model, bool stream, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(model, stream, cancellationToken);
        return await ClientView.ReadAsync(response, cancellationToken);
    }

    /// <summary>Sends a chat call; the head has arrived. The caller disposes the response.</summary>
    public Task<HttpResponseMessage> SendAsync(string model, bool stream, CancellationToken cancellationToken = default) =>
        Gateway.Client.PostChatAsync(Gateway.Address.AbsoluteUri + "v1", ChatCall.Body(model, stream: stream), cancellationToken);

    /// <summary>One sample of <c>/metrics</c>; 0 when it is not there.</summary>
    public async Task<double> MetricAsync(string sample)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd("text/plain");
        using var response = await Gateway.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(sample + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.AsSpan(sample.Length + 1), CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until no request, upstream call or connection is in work any more. The end of the day then checks that nothing went wrong unnoticed.</summary>
    public async Task ShouldBeQuietAsync()
    {
        await Until(() => Admission.InWork == 0, "no request is in work");
        await Until(() => Runtime.Current.Upstreams.All.All(u => u.State.InFlight == 0), "no upstream call is in flight");
        await Until(() => Models.InFlight == 0, "no model is still answering");
        _mustBeClean = true;
    }

    /// <summary>Looks again and again until <paramref name="condition"/> holds; fails when patience is over.</summary>
    public static async Task Until(Func<bool> condition, string because)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            patience.IsCancellationRequested.Should().BeFalse("in the end {0}", because);
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Models.DisposeAsync();

        // The log is written behind the gateway's back, and complete only now. A test that failed before has its own reason.
        if (_mustBeClean)
        {
            Gateway.Log.Events.Where(e => e.Exception is not null || e.Level >= LogEventLevel.Error)
                .Select(e => $"{e.RenderMessage(CultureInfo.InvariantCulture)} {e.Exception}")
                .Should().BeEmpty("an upstream's or a client's bad day is no bug of the gateway");
        }
    }

    private static string Toml(BadDaySetup setup, string baseUrl)
    {
        var toml = new StringBuilder($"[server]\n{setup.Server}\n");
        foreach (var name in Texts.Keys.Order(StringComparer.Ordinal))
        {
            toml.Append(CultureInfo.InvariantCulture, $"""
                [upstreams.{name}]
                model_id = "{name}"
                base_url = "{setup.BaseUrls.GetValueOrDefault(name, baseUrl)}"
                context = 32768
                max_output = 4096
                {setup.Upstreams.GetValueOrDefault(name, "")}

                """);
        }

        toml.Append(CultureInfo.InvariantCulture, $"""
            [profiles.moa]
            type = "moa"
            generators = ["a", "b", "c"]
            synthesizer = "s"
            {setup.Moa}
            [profiles.cascade]
            type = "cascade"
            upstreams = ["a", "b", "c"]
            {setup.Cascade}

            """);
        return toml.ToString();
    }
}

/// <summary>What a client sees of an answer, JSON or stream.</summary>
internal sealed record ClientView(int Status, HttpResponseMessage Response, string? Content, JsonElement? Error, SseCapture? Stream)
{
    public static async Task<ClientView> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken = default)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var stream = await SseCapture.ReadAsync(response, null, cancellationToken);
            return new(status, response, stream.Content, stream.Error, stream);
        }

        response.Content.Headers.ContentType?.MediaType.Should().Be("application/json");
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var body = JsonElement.Parse(text);
        return body.TryGetProperty("error", out var error)
            ? new(status, response, null, error, null)
            : new(status, response, body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), null, null);
    }

    public string? Header(string name) => Response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    /// <summary>A whole answer: 200 and, if it was streamed, ended in order.</summary>
    public ClientView ShouldBeComplete()
    {
        Status.Should().Be(200, "the error is {0}", Error);
        Error.Should().BeNull();
        if (Stream is { } stream)
        {
            stream.Broken.Should().BeNull();
            stream.FinishReason.Should().NotBeNull("the stream was\n{0}", stream);
            stream.Done.Should().BeTrue("the stream was\n{0}", stream);
        }

        return this;
    }

    /// <summary>A plain JSON error with its real status, whether a stream was asked for or not.</summary>
    public ClientView ShouldBeFailure(int status, string? code, string? type = null)
    {
        Stream.Should().BeNull("nothing had been streamed when it failed");
        Status.Should().Be(status, "the error is {0}", Error);
        Error.Should().NotBeNull();
        Error!.Value.GetProperty("message").GetString().Should().NotBeNullOrWhiteSpace();
        Error.Value.GetProperty("code").GetString().Should().Be(code);
        if (type is not null)
        {
            Error.Value.GetProperty("type").GetString().Should().Be(type);
        }

        return this;
    }

    /// <summary>A stream that began and broke: one error event at its end, no <c>[DONE]</c>, and a body that ends in order.</summary>
    public ClientView ShouldBreakWith(string code)
    {
        Status.Should().Be(200);
        Stream.Should().NotBeNull();
        Stream!.Broken.Should().BeNull("the body itself ends in order");
        Stream.Remainder.Should().BeEmpty();
        Stream.Events.Should().NotContain(e => e.Text == "[DONE]");
        Stream.Chunks.Count(c => c.TryGetProperty("error", out _)).Should().Be(1);
        Stream.Chunks.Last().TryGetProperty("error", out var error).Should().BeTrue("the error is the last event:\n{0}", Stream);
        error.ShouldBeError(code, "api_error");
        Stream.FinishReason.Should().BeNull();
        return this;
    }
}
