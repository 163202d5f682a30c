using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Synthwave.Commands.Live;

/// <summary>The picture of a gateway at work: upstreams, running requests, the last finished ones. As high as the terminal allows and no higher. Pure.</summary>
internal static class LiveView
{
    private const int FewestLines = 8;

    /// <param name="snapshot">What to show.</param>
    /// <param name="width">Of the terminal, cells.</param>
    /// <param name="height">Lines there are.</param>
    public static IRenderable Of(LiveSnapshot snapshot, int width, int height)
    {
        var lines = new List<IRenderable>();
        lines.Add(Head(snapshot, width).Line);
        lines.AddRange(Upstreams(snapshot, width));
        if (snapshot.Trouble is { } trouble)
        {
            lines.Add(new LiveText(width).Add(trouble, LiveStyles.Bad).Line);
            lines.Add(new LiveText(width).Add("Asking again.", LiveStyles.Dim).Line);
        }

        lines.Add(new Text(new string('─', width), LiveStyles.Dim));
        Requests(lines, snapshot, width, Math.Max(FewestLines, height - 1));
        return new Rows(lines);
    }

    private static LiveText Head(LiveSnapshot snapshot, int width) => new LiveText(width)
        .Add("Synthwave ", LiveStyles.Strong).Add(snapshot.Address)
        .Add(string.Create(CultureInfo.InvariantCulture, $"  {snapshot.Running.Length} running, {Finished(snapshot)} finished"));

    /// <summary>The newest one's number is how many there were.</summary>
    private static long Finished(LiveSnapshot snapshot) => snapshot.Finished.IsEmpty ? 0 : snapshot.Finished[0].Sequence ?? snapshot.Finished.Length;

    private static IEnumerable<IRenderable> Upstreams(LiveSnapshot snapshot, int width)
    {
        var line = new LiveText(width);
        foreach (var upstream in snapshot.Upstreams)
        {
            var style = upstream.IsWell switch
            {
                true => LiveStyles.Good,
                false => LiveStyles.Bad,
                null => LiveStyles.Dim,
            };
            var shown = $"{upstream.Name} {upstream.State}";
            if (line.Width > 0 && line.Width + shown.GetCellWidth() + 3 > width)
            {
                yield return line.Line;
                line = new LiveText(width);
            }

            line.Add(line.Width > 0 ? "   " : "").Add(upstream.Name).Add(" ").Add(upstream.State, style);
        }

        if (line.Width > 0)
        {
            yield return line.Line;
        }
    }

    /// <summary>The running ones, then the finished ones with their calls while there is room, then those alone.</summary>
    private static void Requests(List<IRenderable> lines, LiveSnapshot snapshot, int width, int height)
    {
        var waiting = snapshot.Running.Length;
        foreach (var entry in snapshot.Running)
        {
            var request = LiveRequest.Lines(entry, width, withCalls: true);
            if (lines.Count + request.Count > height - 1)
            {
                lines.Add(new LiveText(width).Add(string.Create(CultureInfo.InvariantCulture, $"… and {waiting} more running"), LiveStyles.Dim).Line);
                return;
            }

            lines.AddRange(request);
            waiting--;
        }

        foreach (var entry in snapshot.Finished)
        {
            var request = LiveRequest.Lines(entry, width, withCalls: true);
            if (lines.Count + request.Count > height)
            {
                request = [request[0]];
            }

            if (lines.Count + request.Count > height)
            {
                return;
            }

            lines.AddRange(request);
        }

        if (snapshot.Running.IsEmpty && snapshot.Finished.IsEmpty && snapshot.Trouble is null)
        {
            lines.Add(new Text("Waiting for the first request.", LiveStyles.Dim));
        }
    }
}
