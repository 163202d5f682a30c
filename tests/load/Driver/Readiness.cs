using System.Net;

namespace Synthwave.Load.Driver;

/// <summary>Waits for a process to answer.</summary>
internal static class Readiness
{
    private static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(20);

    /// <summary>Asks every <paramref name="pause"/> until it says 2xx, or 405 as the relay does. Fails when the process ends or the limit is over, 20 s where none is given.</summary>
    public static async Task WaitAsync(
        HttpMessageInvoker client, ChildProcess process, Uri url, TimeSpan pause, CancellationToken cancellationToken, TimeSpan? within = null)
    {
        var most = within ?? UsualLimit;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(most);
        try
        {
            while (!await AnswersAsync(client, url, limit.Token))
            {
                process.ThrowIfExited();
                await Task.Delay(pause, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeasurementException($"{process.Name} was not ready within {most.TotalSeconds:0} s");
        }
    }

    private static async Task<bool> AnswersAsync(HttpMessageInvoker client, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var response = await client.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.MethodNotAllowed;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
