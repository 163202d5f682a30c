using System.Collections.Immutable;
using System.Net;
using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Commands.Checks;

/// <summary>Asks one upstream what a call would need: the way there, the key, the model; with <paramref name="isPaid"/> an answer of one token. Throws on cancellation only.</summary>
/// <param name="upstream">As the gateway would call it.</param>
/// <param name="environment">Reads a variable; null or empty = not set.</param>
/// <param name="time">The clock of the limits.</param>
/// <param name="isPaid">Whether a call that costs may be made.</param>
internal sealed class LiveProbe(UpstreamClient upstream, Func<string, string?> environment, TimeProvider time, bool isPaid)
{
    /// <summary>For everything but an answer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>For an answer of one token: a local model may have to be loaded first.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly ConnectionTrace _trace = new(time);

    public async Task<LiveFinding> RunAsync(CancellationToken cancellationToken)
    {
        var config = upstream.Config;
        if (upstream.Endpoint is not { } endpoint)
        {
            var isProxy = UpstreamEndpoint.Parse(config.BaseUrl) is not null;
            return new(config.Name, config.ModelId, null, null, [], $"{(isProxy ? "proxy" : "base_url")} is no usable URL", isProxy ? "write it as in http://proxy:3128, or \"env\" or \"none\"" : "write it as in http://127.0.0.1:8000/v1");
        }

        var target = endpoint.At("/models");
        var proxy = ProxyOf(target);
        var words = new LiveWords(config, target, proxy, environment);
        var found = new LiveFinding(config.Name, config.ModelId, LiveWords.Place(target), proxy is null ? null : LiveWords.Place(proxy), []);
        if (upstream.ReadSecrets() is null && !config.Credentials.FromCaller)
        {
            var (problem, fix) = words.NoKey();
            return found with { Steps = [new("key", IsOk: false)], Problem = problem, Fix = fix };
        }

        using var handler = UpstreamConnection.CreateHandler(config.Proxy, Limit, config.Tls, environment);
        _trace.Attach(handler);
        using var http = new HttpMessageInvoker(handler, disposeHandler: false);
        var names = new List<string>();
        var finding = await HealthProbe.LookAsync(upstream, http, names, time, Limit, cancellationToken);
        if (finding.IsUnlisted)
        {
            return await WithoutListAsync(found, words, http, endpoint, cancellationToken);
        }

        if (config.Credentials.FromCaller && finding.HttpStatus is null && finding is { Status: HealthState.Unknown, Trouble: TransportTrouble.Unknown, HasTimedOut: false })
        {
            return found with { Steps = Way(endpoint), Note = "the key is the caller's, so that neither it nor the model can be judged here" };
        }

        if (finding.Status is not HealthState.Up)
        {
            var (problem, fix) = words.Of(finding, _trace, names);
            return found with { Steps = Broken(endpoint, finding), Problem = problem, Fix = fix };
        }

        found = found with { Steps = [.. Way(endpoint), new("key", IsOk: true), new("model", IsOk: true, Detail: "listed")] };
        return isPaid ? await AnswerAsync(found, words, cancellationToken) : found;
    }

    // Such an endpoint may be in order, or base_url may be wrong: a call without a model and a message is refused by every server, for free, but not with 404.
    private async Task<LiveFinding> WithoutListAsync(LiveFinding found, LiveWords words, HttpMessageInvoker http, UpstreamEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        HttpStatusCode status;
        try
        {
            using var content = new ByteArrayContent("{}"u8.ToArray()) { Headers = { ContentType = new("application/json") } };
            using var request = UpstreamRequest.Create(
                HttpMethod.Post, endpoint.At(upstream.Protocol.CallPath), endpoint, upstream.Config, upstream.Protocol, upstream.ReadSecrets() ?? default, content);
            using var response = await http.SendAsync(request, either.Token);
            status = response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return found with { Steps = [.. Way(endpoint), new("model", IsOk: false)], Problem = "it has no list of models, and did not answer a call", Fix = LiveWords.PathFix };
        }

        switch ((int)status)
        {
            case 404 or 405 or 501:
                return found with { Steps = [.. Way(endpoint), new("model", IsOk: false)], Problem = $"neither a list of models nor {upstream.Protocol.CallPath} is there ({(int)status})", Fix = LiveWords.PathFix };
            case 401 or 403 when !upstream.Config.Credentials.FromCaller:
                var (problem, fix) = words.KeyRefused((int)status);
                return found with { Steps = [.. Way(endpoint), new("key", IsOk: false)], Problem = problem, Fix = fix };
        }

        found = found with { Steps = [.. Way(endpoint)], Note = "it has no list of models: whether the model is there, only an answer can tell (--paid)" };
        return isPaid ? await AnswerAsync(found with { Note = null }, words, cancellationToken) : found;
    }

    private async Task<LiveFinding> AnswerAsync(LiveFinding found, LiveWords words, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var call = new UpstreamCall
        {
            Body = ChatBody.FromJson(Encoding.UTF8.GetBytes(
                $$"""{"model":{{Encoding.UTF8.GetString(JsonText.Quote(upstream.Config.ModelId))}},"messages":[{"role":"user","content":"Say ok."}],"max_tokens":1}""")),
            Role = CallRole.Passthrough,
            Deadline = Deadline.After(time, AnswerLimit),
            IsLastChance = true,
        };
        var reply = await upstream.CallAsync(call, new DispatchReport("check", startedAt), cancellationToken);
        var milliseconds = time.GetElapsedTime(startedAt).TotalMilliseconds;
        if (reply is not FaultedUpstreamReply { Fault: var fault })
        {
            return found with { Steps = [.. found.Steps, new("answer", IsOk: true, milliseconds)] };
        }

        var (problem, fix) = words.Of(fault);
        return found with { Steps = [.. found.Steps, new("answer", IsOk: false, milliseconds)], Problem = problem, Fix = fix };
    }

    private Uri? ProxyOf(Uri target) => upstream.Config.Proxy switch
    {
        "none" => null,
        "env" => ProxyVariables.Read(environment).For(target),
        var url => new Uri(url, UriKind.Absolute),
    };

    /// <summary>The stages up to a connection that carries requests.</summary>
    private ImmutableArray<LiveStep> Way(UpstreamEndpoint endpoint)
    {
        var steps = new List<LiveStep>();
        if (_trace.Dns is { } dns)
        {
            steps.Add(dns);
        }

        if (_trace.Tcp is { } tcp)
        {
            steps.Add(tcp);
        }

        if (endpoint.IsHttps && _trace.Secured is { } secured)
        {
            steps.Add(new("tls", IsOk: true, secured.TotalMilliseconds));
        }

        return [.. steps];
    }

    private ImmutableArray<LiveStep> Broken(UpstreamEndpoint endpoint, HealthFinding finding)
    {
        var way = Way(endpoint);
        var isBroken = way is not [.., { IsOk: true }];
        return finding switch
        {
            { Trouble: TransportTrouble.Proxy } => [.. way.Where(s => s.Name != "tls"), new("proxy", IsOk: false)],
            { Trouble: TransportTrouble.Tls or TransportTrouble.TlsName or TransportTrouble.TlsExpired or TransportTrouble.TlsAuthority or TransportTrouble.NotTls } =>
                [.. way.Where(s => s.Name != "tls"), new("tls", IsOk: false)],
            _ when isBroken => way,
            { Status: HealthState.AuthFailed } => [.. way, new("key", IsOk: false)],
            _ => [.. way, new("model", IsOk: false)],
        };
    }
}
