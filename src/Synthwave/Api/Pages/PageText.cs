namespace Synthwave.Api.Pages;

/// <summary>The texts that pages are made of, which are part of the assembly.</summary>
internal static class PageText
{
    /// <param name="file">The file's name in this folder.</param>
    public static string Read(string file)
    {
        var resource = "Synthwave.Api.Pages." + file;
        using var stream = typeof(PageText).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"The assembly was built without {resource}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
