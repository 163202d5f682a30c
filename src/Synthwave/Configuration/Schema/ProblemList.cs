using System.Collections.Immutable;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>Gathers every problem of one file. What the environment put into it is shown as it is written there.</summary>
internal sealed class ProblemList(string? file)
{
    // A shorter value is no secret, and might stand in a message by chance.
    private const int ShortestHidden = 4;

    private readonly List<ConfigProblem> _problems = [];
    private readonly HashSet<TomlPosition> _unread = [];
    private readonly Dictionary<TomlPosition, (string Value, string Written)> _hidden = [];

    public void Error(TomlPosition position, string key, string message, string? hint = null) =>
        Add(position, key, message, hint, ProblemSeverity.Error);

    public void Warn(TomlPosition position, string key, string message, string? hint = null) =>
        Add(position, key, message, hint, ProblemSeverity.Warning);

    /// <summary>A value that cannot be read at all. It stands for itself: whatever else would be said of the value is left out.</summary>
    public void Unread(TomlPosition position, string key, string message, string hint)
    {
        Error(position, key, message, hint);
        _unread.Add(position);
    }

    /// <summary>A value that means something else than it says: this takes the place of everything that has been said of it, and will be.</summary>
    public void Mistaken(TomlPosition position, string key, string message, string hint, ProblemSeverity severity = ProblemSeverity.Error)
    {
        _problems.RemoveAll(p => p.Line == position.Line && p.Column == position.Column);
        _unread.Remove(position);
        Add(position, key, message, hint, severity);
        _unread.Add(position);
    }

    /// <summary>Says that a value did not come from the file alone.</summary>
    public void Hide(TomlPosition position, string value, string written) => _hidden[position] = (value, written);

    /// <summary>How a value that did not come from the file alone is written there; null = it did.</summary>
    public string? WrittenAt(TomlPosition position) => _hidden.TryGetValue(position, out var hidden) ? hidden.Written : null;

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

    private void Add(TomlPosition position, string key, string message, string? hint, ProblemSeverity severity)
    {
        if (_unread.Contains(position))
        {
            return;
        }

        // What several tables share is read with each of them.
        if (position.Line > 0 && _problems.Exists(p => p.Line == position.Line && p.Column == position.Column && p.Severity == severity && p.Message == message && Last(p.Key) == Last(key)))
        {
            return;
        }

        if (_hidden.TryGetValue(position, out var hidden) && hidden.Value.Length >= ShortestHidden)
        {
            message = message.Replace(hidden.Value, hidden.Written, StringComparison.Ordinal);
            hint = hint?.Replace(hidden.Value, hidden.Written, StringComparison.Ordinal);
        }

        _problems.Add(new ConfigProblem(file, position.Line, position.Column, key, WithoutQuotedKeys(message), hint is null ? null : WithoutQuotedKeys(hint), severity));
    }

    private static string Last(string key) => key[(key.LastIndexOf('.') + 1)..];

    /// <summary>Names are quoted in messages; a key that was put in the place of one is not repeated.</summary>
    private static string WithoutQuotedKeys(string text)
    {
        if (!text.Contains('\'', StringComparison.Ordinal))
        {
            return text;
        }

        var parts = text.Split('\'');
        return string.Join('\'', parts.Select((part, i) => i % 2 == 1 && SecretShapes.LooksSecret(part) ? SecretKey.Hidden : part));
    }

    private ImmutableArray<ConfigProblem> Sorted(ProblemSeverity severity) =>
        [.. _problems.Where(p => p.Severity == severity).OrderBy(p => p.Line).ThenBy(p => p.Column)];
}
