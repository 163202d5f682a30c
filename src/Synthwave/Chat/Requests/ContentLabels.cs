namespace Synthwave.Chat.Requests;

/// <summary>Labels of what is wrong with content parts: distinct, in the order first seen, bounded in number.</summary>
internal struct ContentLabels
{
    private const int MaxLabels = 16;

    private List<string>? _labels;

    public readonly bool IsEmpty => _labels is null;

    public void Add(string label)
    {
        _labels ??= [];
        if (_labels.Count < MaxLabels && !_labels.Contains(label))
        {
            _labels.Add(label);
        }
    }

    public override readonly string ToString() => string.Join(", ", _labels ?? []);
}
