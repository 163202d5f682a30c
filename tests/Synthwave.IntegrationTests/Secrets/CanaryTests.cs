using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Synthwave.Commands;
using Synthwave.Commands.Admin;
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

    private const string Image = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

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

        foreach (var media in (string[])["image", "audio"])
        {
            foreach (var profile in (string[])["eyes", "claude", "cascade", "moa"])
            {
                data.Add($"/v1/chat/completions#{media}", profile);
            }
        }

        data.Add("/v1/messages#image", "claude");
        data.Add("/v1/messages#image", "moa");
        data.Add("/v1/responses#image", "moa");
        data.Add("/v1/embeddings", "u0");
        data.Add("/tokenize", "u0");
        data.Add("/detokenize", "u0");
        data.Add("/v1/messages/count_tokens", "claude");
        data.Add("/v1/responses/input_tokens", "moa");
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
                foreach (var stream in door.Contains("token", StringComparison.Ordinal) || door.EndsWith("embeddings", StringComparison.Ordinal) ? (bool[])[false] : [false, true])
                {
                    using var answer = await AskAsync(gateway, door, profile, stream);
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

    [Fact]
    public async Task No_secret_is_told_to_whoever_looks_after_it()
    {
        EchoedReply? reply = null;
        await using var upstream = new RawUpstream(call => call.SendAsync(reply!.Http(call.Body.Contains("\"stream\":true", StringComparison.Ordinal))));
        using var config = new CanaryConfig(upstream.Origin);
        var replies = new EchoedSecrets(config.Secrets.Values).Replies().ToList();
        reply = replies[0];
        await using var gateway = await TestGateway.StartFileAsync(config.Path, config.Variable);
        var server = ConfigLoader.Load(config.Path, config.Variable).Config!.Server;
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken.Read(server, config.Variable));
        using var http = AdminClient.CreateHttp();
        var admin = new AdminClient(http, new AdminTarget(gateway.Address, AccessToken.ReadAdmin(server, config.Variable)), TimeProvider.System);
        foreach (var next in replies)
        {
            reply = next;
            foreach (var profile in (string[])["u0", "claude", "moa", "voting"])
            {
                using var answer = await AskAsync(gateway, "/v1/chat/completions", profile, stream: false);
                var id = answer.Headers.GetValues("X-MetaModel-Request-Id").Single();
                await TellAsync((output, error) => ExplainCommand.RunAsync(admin, id, json: false, content: true, output, error, default));
                await TellAsync((output, error) => ExplainCommand.RunAsync(admin, id, json: true, content: true, output, error, default));
            }
        }

        await TellAsync((output, error) => RequestsCommand.RunAsync(admin, new RequestsArguments(null, null, null, null, 500, Json: false), output, error, default));
        foreach (var path in (string[])["", "/live", "/requests?limit=500", "/upstreams", "/config"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/admin{path}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken.ReadAdmin(server, config.Variable));
            using var answer = await gateway.Client.SendAsync(request);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            await TakeAsync(path, answer);
        }

        _told.Should().HaveCountGreaterThan(replies.Count * 8);
        NothingIsTold();
    }

    [Fact]
    public async Task No_secret_is_told_by_a_check()
    {
        EchoedReply? reply = null;
        await using var upstream = new RawUpstream(call => call.SendAsync(reply!.Http(call.Body.Contains("\"stream\":true", StringComparison.Ordinal))));
        using var config = new CanaryConfig(upstream.Origin);
        foreach (var arguments in (CheckArguments[])[new(config.Path), new(config.Path) { Effective = true }, new(config.Path) { Json = true }, new(config.Path) { Json = true, Effective = true }])
        {
            await TellAsync((output, error) => CheckCommand.RunAsync(arguments, output, error, config.Variable, TimeProvider.System, default));
        }

        foreach (var next in new EchoedSecrets(config.Secrets.Values).Replies())
        {
            reply = next;
            foreach (var arguments in (CheckArguments[])[new(config.Path) { Live = true, Paid = true }, new(config.Path) { Live = true, Paid = true, Json = true }])
            {
                await TellAsync((output, error) => CheckCommand.RunAsync(arguments, output, error, config.Variable, TimeProvider.System, default));
            }
        }

        _told.Should().Contain(static t => t.Contains("claude", StringComparison.Ordinal));
        NothingIsTold();
    }

    public static TheoryData<string, string> Answers()
    {
        var data = new TheoryData<string, string>();
        foreach (var door in (string[])["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/completions"])
        {
            foreach (var profile in (string[])["u0", "cascade", "moa", "voting"])
            {
                data.Add(door, profile);
            }
        }

        data.Add("/v1/chat/completions#image", "eyes");
        data.Add("/v1/chat/completions#audio", "cascade");
        data.Add("/v1/chat/completions#image", "moa");
        data.Add("/v1/embeddings", "u0");
        data.Add("/tokenize", "u0");
        data.Add("/detokenize", "u0");
        return data;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_does_not_repeat_the_key_it_was_asked_with(string door, string profile)
    {
        await using var upstream = new RawUpstream(call =>
        {
            var key = call.Head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Authorization: Bearer ", StringComparison.Ordinal))?["Authorization: Bearer ".Length..] ?? "nothing";
            return call.SendAsync(EchoedSecrets.Answer(key, call.Head.Split(' ')[1], call.Body.Contains("\"stream\":true", StringComparison.Ordinal)));
        });
        using var spans = Listen();
        SilentLog log;
        await using (var gateway = await TestGateway.StartAsync($"""
            [features]
            voting = true
            [vision]
            endpoints = ["eyes"]
            two_stage = true
            [audio]
            endpoints = ["eyes"]
            {string.Concat(((string[])["u0", "u1", "eyes"]).Select(n => $"[upstreams.{n}]\nmodel_id = 'm'\nbase_url = '{upstream.BaseUrl}'\ncontext = 32768\nmax_output = 512\napi_key = 'c4n4ry-0123456789-{n}'\n{(n == "eyes" ? "modalities = ['text', 'image', 'audio']" : "completions = true")}\n"))}
            [profiles.cascade]
            type = "cascade"
            upstreams = ["u0"]
            [profiles.moa]
            type = "moa"
            generators = ["u0", "u1"]
            synthesizer = "u1"
            [profiles.voting]
            type = "voting"
            upstreams = ["u0", "u1"]
            """))
        {
            log = gateway.Log;
            foreach (var stream in door.Contains("token", StringComparison.Ordinal) || door.EndsWith("embeddings", StringComparison.Ordinal) ? (bool[])[false] : [false, true])
            {
                using var answer = await AskAsync(gateway, door, profile, stream);
                await TakeAsync(profile, answer);
                answer.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", _told.Last());
            }

            using var metrics = await gateway.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
            await TakeAsync("metrics", metrics);
        }

        if (profile is not "voting" && door is not "/v1/embeddings")
        {
            _told.Should().Contain(static t => t.Contains(new string('*', "c4n4ry-0123456789".Length), StringComparison.Ordinal), "the upstream did repeat it");
        }

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

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway, string door, string profile, bool stream) =>
        gateway.Client.PostAsync(door.Split('#')[0], new StringContent(Body(door, profile, stream), Encoding.UTF8, "application/json"));

    // Of a door with a medium behind it a request that has one.
    private static string Body(string door, string profile, bool stream) => door switch
    {
        "/v1/responses" => $$"""{"model":"{{profile}}","stream":{{Word(stream)}},"input":"Is it so?"}""",
        "/v1/responses/input_tokens" => $$"""{"model":"{{profile}}","input":"Is it so?"}""",
        "/v1/responses#image" => $$$"""{"model":"{{{profile}}}","stream":{{{Word(stream)}}},"input":[{"role":"user","content":[{"type":"input_text","text":"What is it?"},{"type":"input_image","image_url":"{{{Image}}}"}]}]}""",
        "/v1/messages" => $$"""{"model":"{{profile}}","stream":{{Word(stream)}},"max_tokens":50,"messages":[{"role":"user","content":"Is it so?"}]}""",
        "/v1/messages/count_tokens" => $$"""{"model":"{{profile}}","messages":[{"role":"user","content":"Is it so?"}]}""",
        "/v1/messages#image" => $$$"""{"model":"{{{profile}}}","stream":{{{Word(stream)}}},"max_tokens":50,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Image.Split(',')[1]}}}"}},{"type":"text","text":"What is it?"}]}]}""",
        "/v1/completions" => $$"""{"model":"{{profile}}","stream":{{Word(stream)}},"prompt":"Is it so?"}""",
        "/v1/embeddings" => $$"""{"model":"{{profile}}","input":"Is it so?"}""",
        "/tokenize" => $$"""{"model":"{{profile}}","prompt":"Is it so?"}""",
        "/detokenize" => $$"""{"model":"{{profile}}","tokens":[1,2]}""",
        "/v1/chat/completions#image" => $$$"""{"model":"{{{profile}}}","stream":{{{Word(stream)}}},"x_meta_model":{"trace":true},"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"{{{Image}}}"}}]}]}""",
        "/v1/chat/completions#audio" => $$$"""{"model":"{{{profile}}}","stream":{{{Word(stream)}}},"x_meta_model":{"trace":true},"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]}""",
        _ => ChatCall.Body(profile, stream: stream, more: "\"x_meta_model\":{\"trace\":true}"),
    };

    private static string Word(bool value) => value ? "true" : "false";

    private async Task TellAsync(Func<TextWriter, TextWriter, Task<int>> verb)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await verb(output, error);
        _told.Enqueue(string.Create(CultureInfo.InvariantCulture, $"exit {code}\n{output}\n{error}"));
    }

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
