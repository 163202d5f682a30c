using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Synthwave.Commands.Lines;
using Synthwave.Json;

namespace Synthwave.Commands.Admin;

/// <summary>Asks a gateway's <c>/admin</c>. Thread-safe.</summary>
/// <param name="http">Follows no redirects: a token goes to whom it was given to.</param>
/// <param name="target">Whom to ask.</param>
/// <param name="time">The clock of the time limit.</param>
internal sealed class AdminClient(HttpMessageInvoker http, AdminTarget target, TimeProvider time)
{
    private const int LargestAnswer = 64 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Of the gateway.</summary>
    public string Address => target.Url.AbsoluteUri.TrimEnd('/');

    /// <summary>An HTTP client as this needs it.</summary>
    public static HttpMessageInvoker CreateHttp() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, AutomaticDecompression = DecompressionMethods.None });

    /// <summary>The answer's bytes, or in plain words why there is none.</summary>
    /// <param name="path">Below <c>/admin/</c>, with its query.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<(byte[]? Body, string? Problem)> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{target.Url.AbsoluteUri.TrimEnd('/')}/admin/{path}"));
            if (target.Token is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var response = await http.SendAsync(request, either.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(LargestAnswer, either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? (body, null) : (null, Explain(response.StatusCode, body));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"{target.Url} answers with more than {LargestAnswer / (1024 * 1024)} MiB; is that a Synthwave gateway with /admin?"));
        }
        catch (HttpRequestException e)
        {
            return (null, $"the gateway at {target.Url} cannot be reached: {e.Message}. Is it running there? Name another address with --url.");
        }
        catch (FormatException)
        {
            return (null, "the admin token holds a character that no header can carry.");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return (null, $"the gateway at {target.Url} did not answer within {Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds.");
        }
    }

    /// <summary>The answer as a value, or in plain words why there is none.</summary>
    public async Task<(T? Value, string? Problem)> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var (body, problem) = await GetAsync(path, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return (null, problem);
        }

        return JsonTyped.TryRead(body, type) is { } value ? (value, null) : (null, NotOurs());
    }

    private string NotOurs() => $"what answers at {target.Url} is no Synthwave gateway of this version.";

    private string Explain(HttpStatusCode status, byte[] body) => status switch
    {
        HttpStatusCode.Unauthorized when target.Token is null =>
            $"the gateway at {target.Url} asks for its admin token: put it in a variable and name that with --token-env, or set {AdminTarget.TokenVariable}.",
        HttpStatusCode.Unauthorized => $"the gateway at {target.Url} does not accept this admin token. The clients' token is another one.",
        _ when MessageOf(body) is { } message => $"the gateway at {target.Url} says: {PlainText.Of(message)}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{target.Url} answered {(int)status}; is that a Synthwave gateway with /admin?"),
    };

    private static string? MessageOf(byte[] body)
    {
        using var document = JsonReading.TryDocument(body);
        return document?.RootElement is { ValueKind: JsonValueKind.Object } root && root.Find("error") is { ValueKind: JsonValueKind.Object } error ? error.FindText("message") : null;
    }
}
