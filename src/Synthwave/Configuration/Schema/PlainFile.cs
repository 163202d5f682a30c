using System.Globalization;

namespace Synthwave.Configuration.Schema;

/// <summary>Reads small files that others put there. Pipes and devices are never opened, since they might have no end, or not even a beginning. Stateless.</summary>
internal static class PlainFile
{
    /// <summary>The content, or what is wrong with the file in words that go on after "a file that …". Never throws.</summary>
    /// <param name="path">Where the file is; links are followed.</param>
    /// <param name="limit">Most bytes.</param>
    public static (byte[]? Content, string? Problem) Read(string path, int limit)
    {
        try
        {
            var file = Target(path);
            if (Directory.Exists(file.FullName))
            {
                return (null, "is a directory");
            }

            if (!file.Exists)
            {
                return (null, "does not exist");
            }

            // Pipes, devices and sockets have no length either.
            if (file.Length == 0)
            {
                return (null, "is empty, or a pipe or a device");
            }

            return (file.Length > limit ? null : Open(file, limit)) is { } content
                ? (content, null)
                : (null, string.Create(CultureInfo.InvariantCulture, $"is larger than {limit / 1024} KiB"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return (null, "cannot be read");
        }
    }

    /// <summary>What a look at the file shows of a change, links resolved; null = there is no file.</summary>
    public static (DateTime Written, long Size, string Target)? Stamp(string path)
    {
        try
        {
            var file = Target(path);
            return file.Exists ? (file.LastWriteTimeUtc, file.Length, file.FullName) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The whole stream, or null when it is longer; devices and pipes have no length to ask for.</summary>
    public static byte[]? ReadAtMost(Stream stream, int limit)
    {
        using var content = new MemoryStream();
        var chunk = new byte[Math.Min(81_920, limit + 1)];
        int read;
        while ((read = stream.Read(chunk)) > 0)
        {
            content.Write(chunk, 0, read);
            if (content.Length > limit)
            {
                return null;
            }
        }

        return content.ToArray();
    }

    private static byte[]? Open(FileInfo file, int limit)
    {
        using var stream = file.OpenRead();
        return ReadAtMost(stream, limit);
    }

    private static FileInfo Target(string path)
    {
        var file = new FileInfo(path);
        return file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
    }
}
