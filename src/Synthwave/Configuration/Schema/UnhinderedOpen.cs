using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Synthwave.Configuration.Schema;

/// <summary>Opens files without waiting. A pipe that nobody writes to would keep the framework's own way of opening it for ever. Stateless.</summary>
internal static class UnhinderedOpen
{
    // errno, the same on Linux and macOS.
    private const int NoEntry = 2;
    private const int Interrupted = 4;
    private const int NoDevice = 6;
    private const int Forbidden = 13;
    private const int NotADirectory = 20;

    // O_NONBLOCK, O_NOCTTY and O_CLOEXEC as fcntl.h has them; O_RDONLY is 0.
    private const int LinuxFlags = 0x800 | 0x100 | 0x80000;
    private const int MacFlags = 0x4 | 0x20000 | 0x1000000;

    /// <summary>The open file; the caller disposes it. Links are followed.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="NotSupportedException">A socket, or a device without a driver.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="IOException">Anything else.</exception>
    public static SafeFileHandle ForReading(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        }

        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("A path holds no null character.", nameof(path));
        }

        var name = Encoding.UTF8.GetBytes(path + '\0');
        while (true)
        {
            var descriptor = Open(name, OperatingSystem.IsLinux() ? LinuxFlags : MacFlags);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    continue;
                case NoEntry or NotADirectory:
                    throw new FileNotFoundException();
                case NoDevice:
                    throw new NotSupportedException();
                case Forbidden:
                    throw new UnauthorizedAccessException();
                default:
                    throw new IOException();
            }
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
