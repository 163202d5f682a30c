namespace Synthwave.Commands;

/// <summary><c>synthwave ping</c>: whether the gateway, or another URL, answers with a 2xx status. A container's health check, so it says nothing when all is well.</summary>
internal static class PingCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Exit code: 0 on 2xx within three seconds, else 1 with the reason on <paramref name="error"/>. Redirects are not followed.</summary>
    public static async Task<int> RunAsync(Uri url, HttpMessageInvoker http, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        // Neither a password nor a query, where a key may stand.
        var shown = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        using var timeout = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var response = await http.SendAsync(request, either.Token);
            if (response.IsSuccessStatusCode)
            {
                return ExitCodes.Ok;
            }

            await error.WriteLineAsync($"{shown} answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            await error.WriteLineAsync($"{shown} cannot be reached: {e.Message}");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            await error.WriteLineAsync($"{shown} did not answer within {Limit.TotalSeconds} seconds");
        }

        return ExitCodes.Failed;
    }
}
