namespace Synthwave.UnitTests.Telemetry.Metrics;

/// <summary>A test that needs Prometheus' <c>promtool</c>.</summary>
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute() => Skip = Tool is null ? "promtool is not on the PATH; Debian has it in the package prometheus." : null;

    /// <summary>Its path; null = it is not installed.</summary>
    public static string? Tool { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(static folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
}
