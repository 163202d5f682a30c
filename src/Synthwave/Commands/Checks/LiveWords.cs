using System.Globalization;
using Synthwave.Commands.Lines;
using Synthwave.Configuration;
using Synthwave.Configuration.Schema;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Commands.Checks;

/// <summary>What is wrong with the way to an upstream, and what to do about it, in plain words. Names hosts, variables and files; never a key or a whole URL. Pure.</summary>
/// <param name="config">The upstream.</param>
/// <param name="target">What was asked for.</param>
/// <param name="proxy">The proxy on the way; null = none.</param>
/// <param name="environment">Reads a variable; null or empty = not set.</param>
internal sealed class LiveWords(UpstreamConfig config, Uri target, Uri? proxy, Func<string, string?> environment)
{
    private const int MostNames = 5;
    private const int LongestName = 80;

    /// <summary>What to do where the path is the likely mistake.</summary>
    public const string PathFix = "check the path of base_url: it is where the API starts, usually ending in /v1, and nothing behind it";

    private string Where => proxy is null ? Place(target) : Place(proxy);

    /// <summary>Host and port.</summary>
    public static string Place(Uri url) => string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.Port}");

    public (string Problem, string Fix) NoKey() => ("its key is not there", config.Credentials switch
    {
        { ApiKeyEnv: { } variable } when !string.IsNullOrEmpty(environment(variable)) => $"the variable {variable} holds something that no header can carry: set it anew",
        { ApiKeyEnv: { } variable } => $"set the environment variable {variable}",
        { ApiKeyFile: not null } => "put the key into the file that api_key_file names",
        { BasicPassEnv: { } variable } => $"set the environment variable {variable}",
        { BasicPassFile: not null } => "put the password into the file that basic_auth_pass_file names",
        _ => "copy the key anew: no header can carry what is written",
    });

    public (string Problem, string Fix) KeyRefused(int status) => config.Credentials switch
    {
        { ApiKey: null, ApiKeyEnv: null, ApiKeyFile: null, BasicUser: null } => ($"it wants a key, and none is configured ({status})", "set api_key_env to the name of the variable that holds the key"),
        { BasicUser: not null } => ($"it refused the user and password ({status})", "check basic_auth_user and its password"),
        { ApiKeyEnv: { } variable } => ($"it refused the key in {variable} ({status})", "set the variable to a key of this provider that is still valid and may use this model"),
        { ApiKeyFile: not null } => ($"it refused the key in api_key_file ({status})", "put a key of this provider there that is still valid and may use this model"),
        _ => ($"it refused the key ({status})", "write a key of this provider that is still valid and may use this model"),
    };

    /// <summary>Of a probe that did not find the model.</summary>
    /// <param name="finding">What it found.</param>
    /// <param name="trace">How far the connection came.</param>
    /// <param name="names">The models that are listed.</param>
    public (string Problem, string Fix) Of(HealthFinding finding, ConnectionTrace trace, IReadOnlyList<string> names) => finding switch
    {
        { HasTimedOut: true } => trace switch
        {
            { Tcp: null } when trace.Dns is null => ($"the name {NameAsked} was not resolved in {LiveProbe.Limit.TotalSeconds} seconds", "check this machine's name servers"),
            { Tcp: not { IsOk: true } } => ($"nothing answered at {Where} within {LiveProbe.Limit.TotalSeconds} seconds", "check host and port, and whether a firewall is in between"),
            _ => ($"{Where} took the connection and said nothing for {LiveProbe.Limit.TotalSeconds} seconds", "see whether the server hangs, or is something else than a model server"),
        },
        { Trouble: not TransportTrouble.Unknown } => Of(finding.Trouble),
        { HttpStatus: 401 or 403 } => KeyRefused(finding.HttpStatus.Value),
        { HttpStatus: 407 } => ("the proxy wants a user and password (407)", "write them into the proxy's URL: http://user:password@host:port"),
        { HttpStatus: 429 } => ("it asks for less haste (429)", "wait and check again; the key was accepted"),
        { HttpStatus: >= 300 and < 400 } => ($"it sends callers to another address ({finding.HttpStatus}), where no key may follow", "write that address as base_url"),
        { HttpStatus: >= 500 } => ($"it has a fault of its own ({finding.HttpStatus})", "see the server's log, or its status page"),
        { HttpStatus: >= 400 } => ($"it refused to list its models ({finding.HttpStatus})", PathFix),
        { Status: HealthState.Misconfigured } when finding.IsNotListed => NotListed(names),
        { Status: HealthState.Misconfigured } => ($"it answers, but not with a list of models ({finding.Detail})", PathFix),
        _ => (finding.Detail, "see whether the server runs"),
    };

    /// <summary>Of a call that gave no answer.</summary>
    public (string Problem, string Fix) Of(UpstreamFault fault)
    {
        var said = fault.Sentence.Length == 0 ? "" : $": {fault.Sentence}";
        return fault.Kind switch
        {
            UpstreamFaultKind.Unreachable when fault.Trouble is not TransportTrouble.Unknown => Of(fault.Trouble),
            UpstreamFaultKind.TimedOut => ($"the model did not answer within {LiveProbe.AnswerLimit.TotalSeconds} seconds", "see whether it is being loaded, and check again"),
            UpstreamFaultKind.Unauthorized => KeyRefused(fault.Status ?? 401),
            UpstreamFaultKind.Billing => ($"the account has no credit{said}", "top it up, or use another key"),
            UpstreamFaultKind.QuotaWindow => ($"what the plan allows is used up{said}", "wait until it is renewed, or use another key"),
            UpstreamFaultKind.RateLimited => ($"it asks for less haste{said}", "wait and check again"),
            UpstreamFaultKind.ModelGone => ($"it does not know the model{said}", "correct model_id"),
            UpstreamFaultKind.NotInPlan => ($"the account may not use the model{said}", "choose another model, or another plan"),
            UpstreamFaultKind.Region => ($"it does not serve this place{said}", "ask through a proxy where it does, or choose another provider"),
            _ => ($"the call failed: {fault.Kind}{(fault.Status is { } status ? $", {status}" : "")}{said}", "see the server's log; check model_id, protocol and request_overrides"),
        };
    }

    private (string Problem, string Fix) Of(TransportTrouble trouble) => trouble switch
    {
        TransportTrouble.Dns => ($"the name {NameAsked} cannot be resolved", $"check the spelling of {(proxy is null ? "base_url" : "the proxy")}, and this machine's name servers"),
        TransportTrouble.Refused => ($"nobody listens at {Where}", LoopbackFix),
        TransportTrouble.Proxy => ($"the proxy {Where} refused to connect to {Place(target)}", "allow it there, write proxy = \"none\" for this upstream, or name its host in NO_PROXY"),
        TransportTrouble.TlsExpired => ($"the certificate of {target.Host} has expired or is not valid yet", "renew it, and check this machine's clock"),
        TransportTrouble.TlsName => ($"the certificate of {target.Host} is for another name", "call it by a name in its certificate"),
        TransportTrouble.TlsAuthority => ($"the certificate of {target.Host} is of an authority that is not trusted here", "trust a private one with tls = { ca_file = \"ca.pem\" }"),
        TransportTrouble.NotTls => ($"what answers at {Place(target)} does not speak TLS", "write http:// in base_url if the server is on this machine or network"),
        TransportTrouble.Tls => ($"no TLS connection to {target.Host} could be made", "see whether it wants a client certificate (tls = { client_cert = … }) or speaks old versions only"),
        TransportTrouble.Reset => ($"{Where} broke the connection off before it answered", "see whether http and https are mixed up in base_url, and the server's log"),
        _ => ("the connection failed", "check base_url"),
    };

    // In a container this machine is the container.
    private string LoopbackFix => target.IsLoopback && proxy is null && environment("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1"
        ? "inside a container this host is the container itself: write host.docker.internal, or the name of the server's container"
        : proxy is null ? "start the server, or correct host and port of base_url" : "start the proxy, or correct its address";

    private string NameAsked => (proxy ?? target).Host;

    private (string Problem, string Fix) NotListed(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return ("its list of models is empty", "load a model in the server");
        }

        var near = Suggestion.For(config.ModelId, names.Where(IsPlain));
        var some = names.Where(IsPlain).Take(MostNames).ToList();
        var rest = names.Count - some.Count;
        return (
            $"it does not list '{config.ModelId}'",
            near ?? $"correct model_id; listed {(names.Count == 1 ? "is" : "are")} {string.Join(", ", some)}{(rest > 0 ? $" and {rest} more" : "")}");
    }

    // What an upstream names goes to a terminal.
    private static bool IsPlain(string name) => name.Length <= LongestName && PlainText.Of(name) == name;
}
