namespace Synthwave.TestKit;

/// <summary>Where the sources of the running tests are.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Synthwave.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
