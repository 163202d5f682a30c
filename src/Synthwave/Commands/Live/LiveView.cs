using System.Collections.Immutable;
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
    /// <param name="height">Lines there are; a picture takes eight at least.</param>
    public static IRenderable Of(LiveSnapshot snapshot, int width, int height)
    {
        var most = Math.Max(FewestLines, height - 1);
        var lines = new List<IRenderable> { Head(snapshot, width).Line };
        Upstreams(lines, snapshot.Upstreams, width, most / 3);
        if (snapshot.Trouble is { } trouble)
        {
            LiveText.AddWrapped(lines, trouble, width, LiveStyles.Bad);
            lines.Add(new LiveText(width).Add("Asking again.", LiveStyles.Dim).Line);
        }

        lines.Add(new Text(new string('─', width), LiveStyles.Dim));
        Requests(lines, snapshot, width, most);
        return new Rows(lines);
    }

    private static LiveText Head(LiveSnapshot snapshot, int width) => new LiveText(width)
        .Add("Synthwave ", LiveStyles.Strong).Add(snapshot.Address)
        .Add(string.Create(CultureInfo.InvariantCulture, $"  {snapshot.Running.Length} running, {Finished(snapshot)} finished"));

    /// <summary>The newest one's number is how many there were.</summary>
    private static long Finished(LiveSnapshot snapshot) => snapshot.Finished.IsEmpty ? 0 : snapshot.Finished[0].Sequence ?? snapshot.Finished.Length;

    /// <summary>All of them in file order, or where that takes too many lines, those that are not well first and how many are not shown.</summary>
    private static void Upstreams(List<IRenderable> lines, ImmutableArray<LiveUpstream> upstreams, int width, int most)
    {
        var packed = Pack(upstreams, width);
        if (packed.Count <= most)
        {
            lines.AddRange(packed.Select(static p => p.Line.Line));
            return;
        }

        var byNeed = upstreams.OrderBy(static u => u.IsWell switch { false => 0, null => 1, true => 2 }).ToList();
        var shown = Pack(byNeed, width).Take(most - 1).ToList();
        lines.AddRange(shown.Select(static p => p.Line.Line));
        var rest = byNeed.Skip(shown.Sum(static p => p.Count)).ToList();
        lines.Add(new LiveText(width).Add(string.Create(CultureInfo.InvariantCulture, $"… and {rest.Count} more upstreams, {rest.Count(static u => u.IsWell is true)} of them up"), LiveStyles.Dim).Line);
    }

    /// <summary>As many on each line as there is room for.</summary>
    private static List<(LiveText Line, int Count)> Pack(IEnumerable<LiveUpstream> upstreams, int width)
    {
        var packed = new List<(LiveText Line, int Count)>();
        foreach (var upstream in upstreams)
        {
            var style = upstream.IsWell switch
            {
                true => LiveStyles.Good,
                false => LiveStyles.Bad,
                null => LiveStyles.Dim,
            };
            if (packed is not [.., var (line, count)] || line.Width + $"{upstream.Name} {upstream.State}".GetCellWidth() + 3 > width)
            {
                (line, count) = (new LiveText(width), 0);
                packed.Add((line, count));
            }

            line.Add(count > 0 ? "   " : "").Add(upstream.Name).Add(" ").Add(upstream.State, style);
            packed[^1] = (line, count + 1);
        }

        return packed;
    }

    /// <summary>The running ones, then the finished ones with their calls while there is room, then those alone.</summary>
    private static void Requests(List<IRenderable> lines, LiveSnapshot snapshot, int width, int height)
    {
        var waiting = snapshot.Running.Length;
        foreach (var entry in snapshot.Running)
        {
            var request = LiveRequest.Lines(entry, width, withCalls: true, snapshot.Upstreams);
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
            var request = LiveRequest.Lines(entry, width, withCalls: true, snapshot.Upstreams);
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
