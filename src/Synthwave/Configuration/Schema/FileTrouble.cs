using System.Globalization;

namespace Synthwave.Configuration.Schema;

/// <summary>Why a file gave no content.</summary>
internal enum FileTrouble
{
    /// <summary>Nothing has this name.</summary>
    Missing,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A pipe, a device or a socket, which may have no end, or not even a beginning.</summary>
    NotRegular,

    /// <summary>More than was asked for at most.</summary>
    TooLarge,

    /// <summary>No permission, a name that cannot be, or trouble with the disk.</summary>
    Unreadable,
}

/// <summary>What operators are told of a <see cref="FileTrouble"/>.</summary>
internal static class FileTroubles
{
    /// <summary>Words that go on after "the file" or "a file that".</summary>
    /// <param name="trouble">What is wrong.</param>
    /// <param name="limit">Most bytes that were asked for.</param>
    public static string Words(this FileTrouble trouble, int limit) => trouble switch
    {
        FileTrouble.Missing => "does not exist",
        FileTrouble.Directory => "is a directory",
        FileTrouble.NotRegular => "is a pipe or a device",
        FileTrouble.TooLarge when limit % (1024 * 1024) == 0 && limit > 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"is larger than {limit / (1024 * 1024)} MiB"),
        FileTrouble.TooLarge => string.Create(CultureInfo.InvariantCulture, $"is larger than {limit / 1024} KiB"),
        _ => "cannot be read",
    };
}
