namespace Synthwave.Api.Dialects.Responses;

/// <summary>In which order an answer was told, so that it can be told again with the same events and numbers: each step begins an item or adds to its text.</summary>
internal sealed class ResponseSteps
{
    private readonly List<(int Position, int Length)> _all = [];

    public IReadOnlyList<(int Position, int Length)> All => _all;

    /// <summary>What they take, about.</summary>
    public long Bytes => 8L * _all.Count;

    public void Begin(ResponseItem item) => _all.Add((item.Position, 0));

    /// <param name="item">To which is added.</param>
    /// <param name="length">Bytes of its text, escapes included.</param>
    public void Add(ResponseItem item, int length) => _all.Add((item.Position, length));

    /// <summary>The steps of an answer that came whole.</summary>
    public static ResponseSteps Of(ResponseItems items)
    {
        var steps = new ResponseSteps();
        foreach (var item in items.All)
        {
            steps.Begin(item);
            if (!item.Text.IsEmpty)
            {
                steps.Add(item, item.Text.Length);
            }
        }

        return steps;
    }
}
