using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Synthwave.Load.Driver.Entered;

/// <summary>
/// A pseudo-terminal: what is written to <see cref="Name"/> can be read here. The C library hands a terminal every line at once, a file or a
/// pipe only every 4 KB, which is too late for who wants to know what was written before a moment.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private const int ReadWrite = 2, NoControllingTerminal = 0x100;

    private readonly SafeFileHandle _handle;

    public Terminal()
    {
        _handle = new SafeFileHandle(posix_openpt(ReadWrite | NoControllingTerminal), ownsHandle: true);
        var name = new byte[256];
        if (_handle.IsInvalid || grantpt(_handle) != 0 || unlockpt(_handle) != 0 || ptsname_r(_handle, name, name.Length) != 0)
        {
            throw new MeasurementException($"no pseudo-terminal: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        Name = System.Text.Encoding.UTF8.GetString(name, 0, Array.IndexOf(name, (byte)0));
    }

    /// <summary>The device a process opens to write.</summary>
    public string Name { get; }

    /// <summary>The lines, until the last process that had it open has ended. Blocks.</summary>
    public IEnumerable<string> ReadLines()
    {
        using var reader = new StreamReader(new FileStream(_handle, FileAccess.Read, bufferSize: 0));
        while (ReadLine(reader) is { } line)
        {
            yield return line;
        }
    }

    public void Dispose() => _handle.Dispose();

    private static string? ReadLine(StreamReader reader)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (IOException)
        {
            // How Linux says that nobody has the other side open any more.
            return null;
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int posix_openpt(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int grantpt(SafeFileHandle terminal);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlockpt(SafeFileHandle terminal);

    [DllImport("libc", SetLastError = true)]
    private static extern int ptsname_r(SafeFileHandle terminal, byte[] name, nint length);
}
