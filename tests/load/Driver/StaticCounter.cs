using System.Globalization;

namespace Synthwave.Load.Driver;

/// <summary>Reads how many requests the static upstream has answered.</summary>
internal static class StaticCounter
{
    public static async Task<long> ReadAsync(HttpMessageInvoker client, Uri upstream, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(upstream, "status"));
        using var response = await client.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);

        // "server accepts handled requests" and, on the next line, the three numbers.
        var lines = text.Split('\n');
        return lines is [_, _, var counts, ..] && counts.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, var requests]
            ? long.Parse(requests, CultureInfo.InvariantCulture)
            : throw new MeasurementException("the upstream's status page has another form than expected");
    }
}
