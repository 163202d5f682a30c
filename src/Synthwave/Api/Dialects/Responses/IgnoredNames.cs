using System.Collections.Immutable;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>What of a request was left out, each name once, in the order it was met. Bounded: a request may hold any number of names.</summary>
internal sealed class IgnoredNames
{
    private const int MostNames = 64;

    private readonly List<string> _names = [];

    public void Add(string name)
    {
        if (_names.Count < MostNames && !_names.Contains(name))
        {
            _names.Add(name);
        }
    }

    public ImmutableArray<string> ToImmutable() => [.. _names];
}
