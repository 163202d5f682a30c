namespace Synthwave.Load.Driver;

/// <summary>Brings the code behind an address to where it settles, for measurements of single requests, which would take minutes to get there.</summary>
internal static class WarmUp
{
    private const int Requests = 2000;
    private const int AtOnce = 16;

    // The compiler works in the background, and goes on when the load is over.
    private static readonly TimeSpan Compile = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Rig rig, IEnumerable<(Uri Url, byte[] Body)> targets, CancellationToken cancellationToken)
    {
        foreach (var (url, body) in targets)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (_, cancel) =>
            {
                using var request = StreamProbe.NewRequest(url, body, rig.Token);
                using var response = await rig.Client.SendAsync(request, cancel);
                await response.Content.LoadIntoBufferAsync(cancel);
            });
        }

        await Task.Delay(Compile, cancellationToken);
    }
}
