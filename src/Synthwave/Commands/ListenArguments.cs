using Synthwave.Configuration;

namespace Synthwave.Commands;

/// <summary>What a command line says about where the gateway listens; null = not said.</summary>
internal sealed record ListenArguments(string? Host = null, int? Port = null, string? Urls = null)
{
    /// <summary>The settings, or a sentence that says why they are none.</summary>
    public (ListenSettings? Settings, string? Problem) Read()
    {
        if (Urls is null)
        {
            return (new ListenSettings(Host, Port), null);
        }

        if (Host is not null || Port is not null)
        {
            return (null, "--urls cannot be combined with --host or --port.");
        }

        var (urls, problem) = ListenUrls.Read(Urls);
        return problem is null ? (new ListenSettings { Urls = urls }, null) : (null, problem);
    }
}
