using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Tracing;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Secrets;

/// <summary>
/// Upstreams that tell every secret of the gateway in every answer, asked at every door: nothing that leaves the gateway repeats one, not to clients, not into the log, the
/// metrics, the spans or the configuration as it is shown.
/// </summary>
public sealed class CanaryTests
{
    private static readonly string[] Stems = ["c4n4ry", "gen3ric"];

    private readonly ConcurrentQueue<string> _told = new();

    public static TheoryData<string, string> Doors()
    {
        var data = new TheoryData<string, string>();
        foreach (var door in (string[])["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/completions"])
        {
            foreach (var profile in (string[])["u0", "claude", "cascade", "moa", "voting"])
            {
                data.Add(door, profile);
            }
        }

        data.Add("/v1/embeddings", "u0");
        data.Add("/tokenize", "u0");
        data.Add("/detokenize", "u0");
        return data;
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task No_secret_leaves_by_any_way(string door, string profile)
    {
        EchoedReply? reply = null;
        await using var upstream = new RawUpstream(call => call.SendAsync(reply?.Http(call.Body.Contains("\"stream\":true", StringComparison.Ordinal)) ?? "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
        using var config = new CanaryConfig(upstream.Origin);
        using var spans = Listen();
        SilentLog log;
        await using (var gateway = await TestGateway.StartFileAsync(config.Path, config.Variable))
        {
            log = gateway.Log;
            gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken.Read(ConfigLoader.Load(config.Path, config.Variable).Config!.Server, config.Variable));

            foreach (var next in new EchoedSecrets(config.Secrets.Values).Replies())
            {
                reply = next;
                foreach (var stream in door.Contains("tokenize", StringComparison.Ordinal) || door.EndsWith("embeddings", StringComparison.Ordinal) ? (bool[])[false] : [false, true])
                {
                    using var answer = await gateway.Client.PostAsync(door, new StringContent(Body(door, profile, stream), Encoding.UTF8, "application/json"));
                    await TakeAsync($"{next}, stream {stream}", answer);
                }
            }

            foreach (var path in (string[])["/health", "/v1/health", "/healthz", "/v1/models", "/metrics", "/v1/metrics/moa", "/", "/openapi.json"])
            {
                foreach (var accept in (string[])["application/json", "text/plain"])
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, path);
                    request.Headers.Accept.ParseAdd(accept);
                    await TakeAsync(path, await gateway.Client.SendAsync(request));
                }
            }
        }

        _told.Enqueue(Log(log));
        NothingIsTold();
    }

    [Theory]
    [InlineData("u0", false)]
    [InlineData("u0", true)]
    [InlineData("cascade", false)]
    [InlineData("cascade", true)]
    public async Task An_answer_does_not_repeat_the_key_it_was_asked_with(string profile, bool stream)
    {
        await using var upstream = new RawUpstream(call =>
        {
            var key = call.Head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Authorization: Bearer ", StringComparison.Ordinal))?["Authorization: Bearer ".Length..] ?? "nothing";
            return call.SendAsync(EchoedSecrets.Answer(key, call.Body.Contains("\"stream\":true", StringComparison.Ordinal)));
        });
        using var spans = Listen();
        SilentLog log;
        await using (var gateway = await TestGateway.StartAsync(
            $"[upstreams.u0]\nmodel_id = 'm'\nbase_url = '{upstream.BaseUrl}'\ncontext = 32768\nmax_output = 512\napi_key = 'c4n4ry-0123456789'\n[profiles.cascade]\ntype = 'cascade'\nupstreams = ['u0']\n"))
        {
            log = gateway.Log;
            using var answer = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream));
            await TakeAsync(profile, answer);
            using var metrics = await gateway.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
            await TakeAsync("metrics", metrics);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        _told.Should().Contain(t => t.Contains($"it is {new string('*', "c4n4ry-0123456789".Length)}", StringComparison.Ordinal));
        _told.Enqueue(Log(log));
        NothingIsTold();
    }

    [Fact]
    public void The_configuration_is_shown_without_any_of_them_and_every_one_is_known_to_be_one()
    {
        using var config = new CanaryConfig("http://h.test:81");
        var loaded = ConfigLoader.Load(config.Path, config.Variable);

        loaded.Errors.Should().BeEmpty();
        EffectiveConfigWriter.Write(loaded.Config!).Should().NotContain("c4n4ry");
        string.Join('\n', loaded.Warnings).Should().NotContain("c4n4ry");
        new ConfiguredSecrets(loaded.Config!, config.Variable).Read().Should().Contain(config.Secrets.Values);
        config.Secrets.Keys.Should().Contain(
        [
            "server.bearer_token", "server.bearer_token_env", "server.bearer_token_file", "upstream.api_key", "upstream.api_key_env", "upstream.api_key_file", "upstream.basic_auth_pass",
            "upstream.basic_auth_pass_env", "upstream.basic_auth_pass_file", "upstream.headers", "upstream.base_url", "upstream.base_url.query", "upstream.proxy", "upstream.health",
            "upstream.request_overrides", "upstream.chat_template_kwargs",
        ]);
    }

    private static string Body(string door, string profile, bool stream) => door switch
    {
        "/v1/responses" => $$"""{"model":"{{profile}}","stream":{{Word(stream)}},"input":"Is it so?"}""",
        "/v1/messages" => $$"""{"model":"{{profile}}","stream":{{Word(stream)}},"max_tokens":50,"messages":[{"role":"user","content":"Is it so?"}]}""",
        "/v1/completions" => $$"""{"model":"{{profile}}","stream":{{Word(stream)}},"prompt":"Is it so?"}""",
        "/v1/embeddings" => $$"""{"model":"{{profile}}","input":"Is it so?"}""",
        "/tokenize" => $$"""{"model":"{{profile}}","prompt":"Is it so?"}""",
        "/detokenize" => $$"""{"model":"{{profile}}","tokens":[1,2]}""",
        _ => ChatCall.Body(profile, stream: stream, more: "\"x_meta_model\":{\"trace\":true}"),
    };

    private static string Word(bool value) => value ? "true" : "false";

    private static string Log(SilentLog log)
    {
        using var text = new MemoryStream();
        using (var output = new JsonLogOutput(text, TimeProvider.System))
        {
            foreach (var line in log.Events)
            {
                output.Write(line);
            }
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is Spans.SourceName or "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _told.Enqueue(string.Create(
                CultureInfo.InvariantCulture,
                $"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Select(t => t.Value is string[] many ? string.Join(' ', many) : $"{t.Value}"))} {string.Join(' ', span.Events.SelectMany(e => e.Tags).Select(t => t.Value))}")),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private async Task TakeAsync(string what, HttpResponseMessage answer) =>
        _told.Enqueue($"{what}: {(int)answer.StatusCode} {answer.ReasonPhrase}\n{answer.Headers}{answer.Content.Headers}\n{await answer.Content.ReadAsStringAsync()}");

    private void NothingIsTold()
    {
        var secrets = _told.Where(t => Stems.Any(s => t.Contains(s, StringComparison.OrdinalIgnoreCase)) || t.Contains(Convert.ToBase64String("gateway:c4n4ry"u8)[..^4], StringComparison.Ordinal)
            || EchoedSecrets.Foreign.Any(f => t.Contains(f, StringComparison.Ordinal)));
        secrets.Should().BeEmpty();
    }
}
