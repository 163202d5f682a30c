using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Polly;
using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Health;

/// <summary>
/// Asks an endpoint's catalog whether the model is there: the list first, page by page where it has pages, then the model's own entry, which also knows
/// aliases. Where there is no catalog, or it is not to be asked, the upstream's calls tell. Costs no tokens.
/// </summary>
internal sealed class HealthProbe
{
    private const int MaxPages = 20;
    private const int MostNames = 1000;
    private const long MaxPageBytes = 16L * 1024 * 1024;

    private readonly UpstreamConfig _config;
    private readonly UpstreamState _state;
    private readonly UpstreamEndpoint _endpoint;
    private readonly IUpstreamProtocol _protocol;
    private readonly UpstreamSecrets _secrets;
    private readonly HttpMessageInvoker _invoker;
    private List<string>? _names;

    private HealthProbe(UpstreamClient upstream, UpstreamEndpoint endpoint, UpstreamSecrets secrets, HttpMessageInvoker invoker) =>
        (_config, _state, _protocol, _endpoint, _secrets, _invoker) = (upstream.Config, upstream.State, upstream.Protocol, endpoint, secrets, invoker);

    /// <summary>Probes an upstream; takes at most <paramref name="timeout"/>. Throws only on cancellation.</summary>
    public static async Task<HealthFinding> RunAsync(
        UpstreamClient upstream, ListingClients clients, TimeProvider time, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (upstream.Endpoint is not { } endpoint)
        {
            return new(HealthState.Misconfigured, "base_url or proxy is no usable URL");
        }

        if (upstream.ReadSecrets() is not { } secrets)
        {
            return new(HealthState.Misconfigured, "the credentials are not set");
        }

        using var client = clients.Through(upstream.Config.Proxy, upstream.Config.Tls);
        return await new HealthProbe(upstream, endpoint, secrets, client).RunAsync(time, timeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Probes an upstream that has a URL and credentials, over connections of the caller's. Throws only on cancellation.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="invoker">Sends the questions; must not follow redirects.</param>
    /// <param name="names">Takes the models that are listed, up to the one that is looked for, and at most a thousand.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="timeout">The limit.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static Task<HealthFinding> LookAsync(
        UpstreamClient upstream, HttpMessageInvoker invoker, List<string> names, TimeProvider time, TimeSpan timeout, CancellationToken cancellationToken) =>
        new HealthProbe(upstream, upstream.Endpoint!, upstream.ReadSecrets() ?? default, invoker) { _names = names }.RunAsync(time, timeout, cancellationToken);

    private async Task<HealthFinding> RunAsync(TimeProvider time, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return _config.Health switch
            {
                "models" => await LookUpAsync(either.Token).ConfigureAwait(false),
                "none" => ByCalls(),
                var path => await AskAsync(path, either.Token).ConfigureAwait(false),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(HealthState.Down, "no answer in time") { HasTimedOut = true };
        }
        catch (HttpRequestException e)
        {
            var trouble = TransportFault.TroubleOf(e);
            return new(HealthState.Down, trouble.Words() ?? $"connection failed ({e.HttpRequestError})") { Trouble = trouble };
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return new(HealthState.Down, "the connection broke") { Trouble = TransportFault.TroubleOf(e) };
        }
        catch (ExecutionRejectedException)
        {
            return new(HealthState.Down, "it failed too often to be asked again so soon");
        }
    }

    private async Task<HealthFinding> LookUpAsync(CancellationToken cancellationToken)
    {
        string? after = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var query = after is null ? null : $"limit=1000&{_protocol.CatalogCursor}={Uri.EscapeDataString(after)}";
            var (status, failure, catalog) = await GetAsync(_endpoint.At("/models", query), cancellationToken).ConfigureAwait(false);
            using (catalog)
            {
                if (failure is { } finding)
                {
                    return status is 404 or 405 or 501 ? ByCalls() with { IsUnlisted = true } : WantsCallersKey(finding) ? ByCalls() : finding;
                }

                if (catalog is null || !TryRead(catalog.RootElement, out var isListed, out var next))
                {
                    return new(HealthState.Misconfigured, "the catalog is no list of models");
                }

                if (isListed)
                {
                    return new(HealthState.Up, "listed");
                }

                if (next is null || next == after)
                {
                    break;
                }

                after = next;
            }
        }

        return await LookUpOneAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<HealthFinding> LookUpOneAsync(CancellationToken cancellationToken)
    {
        var (_, failure, entry) = await GetAsync(_endpoint.At("/models/" + Uri.EscapeDataString(_config.ModelId)), cancellationToken).ConfigureAwait(false);
        using (entry)
        {
            // A server that fails over this question has answered the one before.
            var isKnown = failure is null && entry?.RootElement is { ValueKind: JsonValueKind.Object } model && model.Has("id"u8, JsonValueKind.String, out _);
            _state.ContinuesTexts = isKnown && IsOfTextServer(entry!.RootElement);
            return isKnown ? new(HealthState.Up, "known by its own entry") : new(HealthState.Misconfigured, "the catalog does not list model_id") { IsNotListed = true };
        }
    }

    private HealthFinding ByCalls() => new(_state.ByCalls.State, "its calls say so");

    private async Task<HealthFinding> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var request = UpstreamRequest.Create(HttpMethod.Get, _endpoint.OnHost(path), _endpoint, _config, _protocol, _secrets);
        using var response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var finding = response.IsSuccessStatusCode ? new(HealthState.Up, "the path answers") : Judge(response.StatusCode);
        return WantsCallersKey(finding) ? ByCalls() : finding;
    }

    // Nobody's key is at hand here.
    private bool WantsCallersKey(HealthFinding finding) => _config.Credentials.FromCaller && finding.Status is HealthState.AuthFailed;

    /// <summary>A finding when the status decides; otherwise the document, null when it is no JSON.</summary>
    private async Task<(int Status, HealthFinding? Failure, JsonDocument? Document)> GetAsync(Uri uri, CancellationToken cancellationToken)
    {
        using var request = UpstreamRequest.Create(HttpMethod.Get, uri, _endpoint, _config, _protocol, _secrets);
        using var response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return ((int)response.StatusCode, Judge(response.StatusCode), null);
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var (outcome, bytes) = await WholeBody.ReadAsync(body, response.Content.Headers.ContentLength, MaxPageBytes, MemoryShare.Uncounted, cancellationToken).ConfigureAwait(false);
        if (outcome is not BodyOutcome.Whole)
        {
            return ((int)response.StatusCode, new(HealthState.Misconfigured, "the catalog is too large"), null);
        }

        try
        {
            return ((int)response.StatusCode, null, JsonReading.Document(bytes));
        }
        catch (JsonException)
        {
            return ((int)response.StatusCode, new(HealthState.Misconfigured, "the catalog is no JSON"), null);
        }
    }

    private static HealthFinding Judge(HttpStatusCode status) =>
        new((int)status switch { 401 or 403 => HealthState.AuthFailed, >= 500 => HealthState.Down, _ => HealthState.Misconfigured }, $"HTTP {(int)status}") { HttpStatus = (int)status };

    // What these servers write there; each has /completions, and takes a prompt as it is, without a template around it. Others that have the path put one around it.
    private static bool IsOfTextServer(JsonElement entry) => entry.FindText("owned_by") is "vllm" or "sglang" or "llamacpp" or "koboldcpp";

    private bool TryRead(JsonElement catalog, out bool isListed, out string? next)
    {
        isListed = false;
        next = null;
        if (catalog.ValueKind != JsonValueKind.Object || !catalog.TryGet("data"u8, out var data) || data.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var entry in data.EnumerateArray())
        {
            if (entry.Has("id"u8, JsonValueKind.String, out var id))
            {
                var isOurs = id.TryGetText(out var text) && text == _config.ModelId;
                if (isOurs)
                {
                    isListed = true;
                    _state.ContinuesTexts = IsOfTextServer(entry);
                }

                next = isOurs || text.Length == 0 ? next : text;
                if (_names is { Count: < MostNames } names)
                {
                    names.Add(text);
                }
            }
        }

        if (!catalog.TryGet("has_more"u8, out var more) || more.ValueKind != JsonValueKind.True)
        {
            next = null;
        }
        else if (catalog.Has("last_id"u8, JsonValueKind.String, out var last))
        {
            next = last.TryGetText(out var text) ? text : next;
        }

        return true;
    }
}
