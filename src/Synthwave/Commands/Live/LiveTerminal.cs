using Spectre.Console;

namespace Synthwave.Commands.Live;

/// <summary>Draws the view over and over on a terminal. What else is written through the same console appears above it.</summary>
/// <param name="console">Nobody else may write to its terminal meanwhile.</param>
/// <param name="time">The clock between two pictures.</param>
internal sealed class LiveTerminal(IAnsiConsole console, TimeProvider time)
{
    /// <summary>Fast enough to look alive, slow enough to cost nothing.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Draws until <paramref name="stop"/> is cancelled, which is the orderly end; the last picture stays.</summary>
    /// <param name="read">What to show now.</param>
    /// <param name="stop">Ends the view.</param>
    public Task RunAsync(Func<CancellationToken, ValueTask<LiveSnapshot>> read, CancellationToken stop) =>
        console.Live(new Text("")).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).StartAsync(async live =>
        {
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    await DrawAsync(live);
                    await Task.Delay(Interval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                // The picture that stays is the latest, where it can be had at once.
                await DrawAsync(live);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The end that was asked for.
            }

            async Task DrawAsync(LiveDisplayContext context) => context.UpdateTarget(LiveView.Of(await read(stop), console.Profile.Width, console.Profile.Height));
        });
}
