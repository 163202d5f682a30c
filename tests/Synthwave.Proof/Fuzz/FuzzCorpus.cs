namespace Synthwave.Proof.Fuzz;

/// <summary>The inputs that fuzzing starts from, one a file, as they stand in <c>Fuzz/Corpus</c>.</summary>
internal static class FuzzCorpus
{
    public static IReadOnlyList<byte[]> Of(string target)
    {
        var assembly = typeof(FuzzCorpus).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith($"corpus/{target}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

        byte[] Read(string name)
        {
            using var stream = assembly.GetManifestResourceStream(name)!; // A name it has just told.
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }
}
