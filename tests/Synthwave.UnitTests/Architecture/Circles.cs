namespace Synthwave.UnitTests.Architecture;

/// <summary>Finds what uses itself by way of others.</summary>
internal static class Circles
{
    /// <summary>The groups of two and more in which everybody reaches everybody, longest first; members in order of name.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(IReadOnlyDictionary<string, HashSet<string>> uses) => new Search(uses).Run();

    /// <summary>Who uses whom, by namespace, inside one room and between none.</summary>
    public static IReadOnlyDictionary<string, HashSet<string>> BetweenSubRooms(IEnumerable<TypeUse> uses, string root)
    {
        var graph = new Dictionary<string, HashSet<string>>();
        foreach (var use in uses)
        {
            var (from, to) = (use.FromNamespace[root.Length..].Trim('.'), use.ToNamespace[root.Length..].Trim('.'));
            if (from != to && from.Split('.')[0] == to.Split('.')[0])
            {
                (graph.TryGetValue(from, out var targets) ? targets : graph[from] = []).Add(to);
            }
        }

        return graph;
    }

    /// <summary>Strongly connected components after Tarjan (1972).</summary>
    private sealed class Search(IReadOnlyDictionary<string, HashSet<string>> uses)
    {
        private readonly Dictionary<string, (int Index, int Low)> _seen = [];
        private readonly Stack<string> _open = new();
        private readonly HashSet<string> _isOpen = [];
        private readonly List<IReadOnlyList<string>> _found = [];

        public IReadOnlyList<IReadOnlyList<string>> Run()
        {
            foreach (var node in uses.Keys.Where(n => !_seen.ContainsKey(n)))
            {
                Visit(node);
            }

            return [.. _found.OrderByDescending(c => c.Count)];
        }

        private void Visit(string node)
        {
            _seen[node] = (_seen.Count, _seen.Count);
            _open.Push(node);
            _isOpen.Add(node);
            foreach (var next in uses.GetValueOrDefault(node) ?? [])
            {
                if (_seen.TryGetValue(next, out var known))
                {
                    Lower(node, _isOpen.Contains(next) ? known.Index : int.MaxValue);
                }
                else
                {
                    Visit(next);
                    Lower(node, _seen[next].Low);
                }
            }

            if (_seen[node].Low == _seen[node].Index)
            {
                Close(node);
            }
        }

        private void Lower(string node, int low) => _seen[node] = (_seen[node].Index, Math.Min(_seen[node].Low, low));

        private void Close(string node)
        {
            var members = new List<string>();
            do
            {
                members.Add(_open.Pop());
                _isOpen.Remove(members[^1]);
            }
            while (members[^1] != node);

            if (members.Count > 1)
            {
                members.Sort(StringComparer.Ordinal);
                _found.Add(members);
            }
        }
    }
}
