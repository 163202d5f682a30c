using Microsoft.Win32.SafeHandles;

namespace Synthwave.Configuration.Schema;

/// <summary>
/// Reads the files that others put there: the configuration, and what it names. Only regular files count, and only up to a size: whatever stands in a file's
/// place, reading it neither waits nor takes more memory than was asked for. Stateless.
/// </summary>
internal static class PlainFile
{
    private const int ChunkSize = 80 * 1024;

    /// <summary>The content, which may be empty, or what is wrong. Never throws, and never waits for whoever writes the file.</summary>
    /// <param name="path">Where the file is; links are followed.</param>
    /// <param name="limit">Most bytes.</param>
    public static (byte[]? Content, FileTrouble? Trouble) Read(string path, int limit)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return (null, FileTrouble.Directory);
            }

            using var file = UnhinderedOpen.ForReading(path);
            return Read(file, limit);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, FileTrouble.Missing);
        }
        catch (NotSupportedException)
        {
            // It has no places to read at: a pipe, a socket, a terminal.
            return (null, FileTrouble.NotRegular);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, FileTrouble.Unreadable);
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

    private static (byte[]? Content, FileTrouble? Trouble) Read(SafeFileHandle file, int limit)
    {
        var length = RandomAccess.GetLength(file);
        if (length > limit)
        {
            return (null, FileTrouble.TooLarge);
        }

        // It may grow meanwhile, and what devices and the kernel's own files hold is in no length.
        using var content = new MemoryStream();
        var chunk = new byte[Math.Min(ChunkSize, limit + 1)];
        int read;
        while ((read = RandomAccess.Read(file, chunk, content.Length)) > 0)
        {
            content.Write(chunk, 0, read);
            if (content.Length > limit)
            {
                return (null, length == 0 ? FileTrouble.NotRegular : FileTrouble.TooLarge);
            }
        }

        return (content.ToArray(), null);
    }

    private static FileInfo Target(string path)
    {
        var file = new FileInfo(path);
        return file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
    }
}
