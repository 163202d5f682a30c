namespace Synthwave.Configuration;

/// <summary>A key, token or password that is mounted as a file.</summary>
/// <param name="Path">As written.</param>
/// <param name="Content">What the file held when the configuration was read, without its last line break; null = nothing that can be used.</param>
internal sealed record SecretFile(string Path, Secret? Content = null);
