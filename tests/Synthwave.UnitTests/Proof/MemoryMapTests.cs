using Synthwave.Proof.Hostile.Processes;

namespace Synthwave.UnitTests.Proof;

public sealed class MemoryMapTests
{
    [Fact]
    public void Mappings_are_told_apart_by_their_shape()
    {
        string[] lines =
        [
            .. Mapping("5500000000-5500400000 rw-p 00000000 00:00 0                                  [heap]", 1),

            // The collector's: a range of 256 GB, of which a little is committed.
            .. Mapping("7000000000-7000800000 rw-p 00000000 00:00 0", 8),
            .. Mapping("7000800000-b000000000 ---p 00000000 00:00 0", 0),

            // An arena that is used in part, and one that is used up.
            .. Mapping("7f0000000000-7f0000200000 rw-p 00000000 00:00 0", 2),
            .. Mapping("7f0000200000-7f0004000000 ---p 00000000 00:00 0", 0),
            .. Mapping("7f1000000000-7f1004000000 rw-p 00000000 00:00 0", 64),

            // The beginning is as it should be, the end is not.
            .. Mapping("7f2000000000-7f2000200000 rw-p 00000000 00:00 0", 3),
            .. Mapping("7f2000200000-7f2001000000 ---p 00000000 00:00 0", 0),
            .. Mapping("7f3000000000-7f3000100000 r-xp 00000000 00:01 17                     /memfd:doublemapper (deleted)", 16),
            .. Mapping("7f3100000000-7f3100100000 r--p 00000000 08:01 99                     /usr/lib/a library.so", 32),
            .. Mapping("7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                      [stack]", 5),
        ];

        MemoryMap.Read(lines).Should().Be(new MemoryMap(Managed: 8, Native: 1 + 2 + 64, Code: 16, Files: 32, Other: 3 + 5));
    }

    private static IEnumerable<string> Mapping(string heading, int megabytes) =>
        [heading, "Size:               1234 kB", $"Rss:                {megabytes * 1024} kB", "Pss:                   7 kB", "VmFlags: rd wr mr mw me ac sd"];
}
