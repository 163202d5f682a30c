using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Providers;

namespace Synthwave.Configuration.Loading;

/// <summary>What upstreams lack because variables of their providers are not set. Told once for each provider, with everybody it hits: the other upstreams can answer.</summary>
internal sealed class MissingVariables
{
    private readonly List<Lack> _lacks = [];

    /// <summary>None of the variables that may hold the key is set.</summary>
    public void AddOfKey(string upstream, SectionReader section, string provider, Preset preset)
    {
        var tried = preset.Keys.Length == 1 ? $"the environment variable {preset.Keys[0]} is not set" : $"none of the environment variables {string.Join(", ", preset.Keys)} is set";
        var page = preset.Urls.Console is { } console ? $"; keys are made at {console}" : "";
        Add(upstream, section, $"provider '{provider}' has no key: {tried}", $"set {preset.Keys[0]}{page}");
    }

    /// <summary>The address of the provider cannot be made up.</summary>
    public void AddOfUrl(string upstream, SectionReader section, string provider, string variable, bool isUnusable) => Add(
        upstream,
        section,
        $"provider '{provider}' has no address: the environment variable {variable} {(isUnusable ? "holds what cannot stand in one" : "is not set")}",
        isUnusable ? "it takes a name or an id alone, no URL" : $"set {variable}, or write base_url");

    /// <summary>Says all of it, each as a warning at the first upstream that is hit.</summary>
    public void Report()
    {
        foreach (var lack in _lacks)
        {
            var names = string.Join(", ", lack.Upstreams.Select(static n => $"'{n}'"));
            lack.Section.Warn(UpstreamTable.Provider, $"{lack.Message}, so that {(lack.Upstreams.Count == 1 ? "upstream" : "upstreams")} {names} cannot be called", lack.Hint);
        }
    }

    private void Add(string upstream, SectionReader section, string message, string hint)
    {
        if (_lacks.Find(l => l.Message == message) is { } known)
        {
            known.Upstreams.Add(upstream);
        }
        else
        {
            _lacks.Add(new(message, hint, section, [upstream]));
        }
    }

    private sealed record Lack(string Message, string Hint, SectionReader Section, List<string> Upstreams);
}
