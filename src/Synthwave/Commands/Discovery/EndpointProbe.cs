using System.Net;
using System.Net.Sockets;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Commands.Discovery;

/// <summary>Asks one endpoint for its models. Never throws for what the endpoint does.</summary>
internal sealed class EndpointProbe(HttpMessageInvoker http, TimeProvider time)
{
    private const int LargestCatalog = 16 * 1024 * 1024;

    private static readonly TimeSpan LocalLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HostedLimit = TimeSpan.FromSeconds(10);

    public async Task<ProbeResult> AskAsync(KnownEndpoint endpoint, string? key, CancellationToken cancellationToken)
    {
        var limit = endpoint.IsLocal ? LocalLimit : HostedLimit;
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = Request(endpoint, key);
            using var response = await http.SendAsync(request, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                return new EndpointMissed(endpoint, Explain(endpoint, response.StatusCode), Answered: true);
            }

            return await ReadAsync(response, either.Token) is { } body && CatalogReader.Read(body) is { } models
                ? new EndpointFound(endpoint, models)
                : new EndpointMissed(endpoint, "answers, but not with a list of models", Answered: true);
        }
        catch (FormatException)
        {
            return new EndpointMissed(endpoint, $"{endpoint.KeyVariable} holds characters no header can carry", Answered: false);
        }
        catch (HttpRequestException e)
        {
            return new EndpointMissed(endpoint, Explain(TransportFault.TroubleOf(e)), Answered: false);
        }
        catch (SocketException)
        {
            return new EndpointMissed(endpoint, "cannot be reached", Answered: false);
        }
        catch (IOException)
        {
            return new EndpointMissed(endpoint, "broke off its answer", Answered: true);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new EndpointMissed(endpoint, $"no answer within {limit.TotalSeconds} seconds", Answered: false);
        }
    }

    private static HttpRequestMessage Request(KnownEndpoint endpoint, string? key)
    {
        // Anthropic gives twenty a page unless asked for more.
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.BaseUrl + (endpoint.Anthropic ? "/models?limit=1000" : "/models")));
        try
        {
            if (endpoint.Anthropic)
            {
                request.Headers.Add("anthropic-version", "2023-06-01");
            }

            if (key is not null)
            {
                request.Headers.Add(endpoint.Anthropic ? "x-api-key" : "Authorization", endpoint.Anthropic ? key : "Bearer " + key);
            }

            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static string Explain(KnownEndpoint endpoint, HttpStatusCode status) => (status, endpoint.KeyVariable) switch
    {
        (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, { } variable) => $"refuses the key in {variable} ({(int)status})",
        (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, null) => $"asks for a key ({(int)status})",
        _ => $"answers {(int)status}",
    };

    private static string Explain(TransportTrouble trouble) =>
        trouble is TransportTrouble.Refused ? "nobody listens there" : trouble.Words() is { } words ? $"cannot be reached: {words}" : "cannot be reached";

    /// <summary>The body; null when it is larger than any catalog.</summary>
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > LargestCatalog)
            {
                return null;
            }
        }

        return bytes.ToArray();
    }
}
