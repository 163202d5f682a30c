using System.Collections.Immutable;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>Gathers every problem of one file.</summary>
internal sealed class ProblemList(string? file)
{
    private readonly List<ConfigProblem> _problems = [];

    public void Error(TomlPosition position, string key, string message, string? hint = null) =>
        Add(position, key, message, hint, ProblemSeverity.Error);

    public void Warn(TomlPosition position, string key, string message, string? hint = null) =>
        Add(position, key, message, hint, ProblemSeverity.Warning);

    /// <summary>A problem outside the file, such as one of the environment.</summary>
    public void ErrorOutside(string key, string message, string? hint = null) =>
        _problems.Add(new ConfigProblem(null, 0, 0, key, message, hint));

    public ConfigResult ToResult(GatewayConfig config)
    {
        var errors = Sorted(ProblemSeverity.Error);
        return new ConfigResult(errors.IsEmpty ? config : null, errors, Sorted(ProblemSeverity.Warning));
    }

    /// <summary>Errors and warnings, in file order.</summary>
    public ImmutableArray<ConfigProblem> All() => [.. _problems.OrderBy(p => p.Line).ThenBy(p => p.Column)];

    private void Add(TomlPosition position, string key, string message, string? hint, ProblemSeverity severity) =>
        _problems.Add(new ConfigProblem(file, position.Line, position.Column, key, message, hint, severity));

    private ImmutableArray<ConfigProblem> Sorted(ProblemSeverity severity) =>
        [.. _problems.Where(p => p.Severity == severity).OrderBy(p => p.Line).ThenBy(p => p.Column)];
}
