namespace Synthwave.IntegrationTests.Process;

/// <summary>A directory that is deleted with all it holds.</summary>
internal sealed class WorkDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-process-");

    public string FullName => _directory.FullName;

    public IEnumerable<string> Files => Directory.EnumerateFileSystemEntries(FullName).Select(f => Path.GetFileName(f));

    /// <summary>Writes a file; its full path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _directory.Delete(recursive: true);
    }
}
