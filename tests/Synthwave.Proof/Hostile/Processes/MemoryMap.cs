using System.Globalization;

namespace Synthwave.Proof.Hostile.Processes;

/// <summary>Where the resident memory of a process lies, MB, as far as Linux and the shape of its mappings tell. Pure but for the reading.</summary>
/// <param name="Managed">What lies in the range that the collector reserves: objects, and free room between them that it keeps.</param>
/// <param name="Native">What the C library hands out: its heap and the arenas of its threads.</param>
/// <param name="Code">Compiled code and the runtime's tables about it.</param>
/// <param name="Files">Mapped files, which the system can drop.</param>
/// <param name="Other">Stacks, the collector's own books, large native blocks.</param>
internal sealed record MemoryMap(double Managed, double Native, double Code, double Files, double Other)
{
    // The C library gives each of its arenas a range of this size that begins at a multiple of it.
    private const ulong Arena = 64UL << 20;

    // Nobody but the collector reserves so much at once.
    private const ulong ManagedRange = 16UL << 30;

    /// <summary>Of a living process.</summary>
    public static MemoryMap Of(int process) => Read(File.ReadLines(FormattableString.Invariant($"/proc/{process}/smaps")));

    /// <summary>Of the lines of <c>/proc/N/smaps</c>.</summary>
    public static MemoryMap Read(IEnumerable<string> lines)
    {
        var mappings = Mappings(lines);
        var kinds = new Dictionary<Kind, double>();
        for (int first = 0, next; first < mappings.Count; first = next)
        {
            // Anonymous mappings without a gap between them.
            next = first + 1;
            while (next < mappings.Count && mappings[first].IsAnonymous && mappings[next].IsAnonymous && mappings[next].Start == mappings[next - 1].End)
            {
                next++;
            }

            var isManaged = mappings[first].IsAnonymous && mappings[next - 1].End - mappings[first].Start >= ManagedRange;
            for (var at = first; at < next; at++)
            {
                var kind = isManaged ? Kind.Managed : KindOf(mappings[at], at + 1 < mappings.Count ? mappings[at + 1] : null);
                kinds[kind] = kinds.GetValueOrDefault(kind) + (mappings[at].KibiBytes / 1024);
            }
        }

        return new(
            kinds.GetValueOrDefault(Kind.Managed), kinds.GetValueOrDefault(Kind.Native), kinds.GetValueOrDefault(Kind.Code), kinds.GetValueOrDefault(Kind.Files), kinds.GetValueOrDefault(Kind.Other));
    }

    public override string ToString() =>
        FormattableString.Invariant($"managed {Managed:0}, native {Native:0}, code {Code:0}, files {Files:0}, other {Other:0} MB");

    private static Kind KindOf(Mapping mapping, Mapping? next) => mapping switch
    {
        { Name: "[heap]" } => Kind.Native,
        { Name: var name } when name.Contains("doublemapper", StringComparison.Ordinal) => Kind.Code,
        { IsAnonymous: false } when !mapping.Name.StartsWith('[') => Kind.Files,
        { IsAnonymous: true, Access: "rw-p" } when mapping.Start % Arena == 0 && IsArena(mapping, next) => Kind.Native,
        { Access: var access } when access.Contains('x', StringComparison.Ordinal) && mapping.IsAnonymous => Kind.Code,
        _ => Kind.Other,
    };

    // Used from its beginning; the rest is reserved, unless all of it is used.
    private static bool IsArena(Mapping mapping, Mapping? next) =>
        mapping.End - mapping.Start is var used && (used == Arena || (used < Arena && next is { IsAnonymous: true, Access: "---p" } && next.Start == mapping.End && next.End % Arena == 0));

    private static List<Mapping> Mappings(IEnumerable<string> lines)
    {
        var mappings = new List<Mapping>();
        foreach (var line in lines)
        {
            // A heading is a range of addresses; what follows are names with a colon.
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [var range, var access, _, _, var inode, ..] && range.Split('-') is [var start, var end] && !range.Contains(':', StringComparison.Ordinal))
            {
                mappings.Add(new Mapping
                {
                    Start = ulong.Parse(start, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    End = ulong.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    Access = access,
                    Name = words.Length > 5 ? string.Join(' ', words[5..]) : "",
                    IsAnonymous = inode == "0" && words.Length == 5,
                });
            }
            else if (words is ["Rss:", var kibibytes, ..])
            {
                mappings[^1].KibiBytes = double.Parse(kibibytes, CultureInfo.InvariantCulture);
            }
        }

        return mappings;
    }

    private enum Kind
    {
        Managed,
        Native,
        Code,
        Files,
        Other,
    }

    /// <summary>A heading of the listing, and what is resident of it.</summary>
    private sealed class Mapping
    {
        public required ulong Start { get; init; }

        public required ulong End { get; init; }

        public required string Access { get; init; }

        public required string Name { get; init; }

        public required bool IsAnonymous { get; init; }

        public double KibiBytes { get; set; }
    }
}
