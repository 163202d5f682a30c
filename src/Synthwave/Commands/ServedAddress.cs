using System.Globalization;
using System.Net;
using System.Text;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Configuration.Schema;

namespace Synthwave.Commands;

/// <summary>Where the gateway of a configuration file is asked from the same machine: the file's host and port, as <c>serve</c> would listen on them.</summary>
internal static class ServedAddress
{
    /// <summary>
    /// The address of <c>/healthz</c>. A file that is missing gives the defaults. A file that is broken gives what can still be read from it: a gateway that
    /// runs keeps its old configuration while the file is being edited, and is healthy.
    /// </summary>
    /// <param name="host">Beats the file; null = as in the file. An address that means "all" is asked at its loopback.</param>
    /// <param name="port">Beats the file; null = as in the file.</param>
    /// <param name="path">The configuration file; null = there is none.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static string Find(string? host, int? port, string? path, Func<string, string?> environment) => $"{Origin(host, port, Read(path, environment))}/healthz";

    /// <summary>What the paths of the gateway of a file begin with, without a slash at the end.</summary>
    /// <param name="path">The configuration file; null = there is none.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static string Base(string? path, Func<string, string?> environment)
    {
        var server = Read(path, environment);
        return Origin(null, null, server) + server.PathPrefix;
    }

    private static ServerConfig Read(string? path, Func<string, string?> environment) =>
        path is null ? new ServerConfig() : ConfigLoader.Load(path, environment).Config?.Server ?? Salvage(path);

    private static string Origin(string? host, int? port, ServerConfig server) =>
        string.Create(CultureInfo.InvariantCulture, $"http://{Reachable(host ?? server.Host)}:{port ?? server.Port}");

    private static string Reachable(string host) => host.Trim('[', ']') switch
    {
        "" or "*" or "+" or "0.0.0.0" => IPAddress.Loopback.ToString(),
        "::" => $"[{IPAddress.IPv6Loopback}]",
        var name when name.Contains(':', StringComparison.Ordinal) => $"[{name}]",
        var name => name,
    };

    // Line by line: what is wrong elsewhere in the file does not matter here.
    private static ServerConfig Salvage(string path)
    {
        var found = new ServerConfig();
        var table = "";
        foreach (var line in Lines(path))
        {
            var text = line.Split('#', 2)[0].Trim();
            if (text.StartsWith('['))
            {
                table = text.Trim('[', ']', ' ');
            }
            else if (table == "server" && text.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value])
            {
                found = key switch
                {
                    "host" => found with { Host = value.Trim('"', '\'') },
                    "port" when ushort.TryParse(value, CultureInfo.InvariantCulture, out var number) => found with { Port = number },
                    "path_prefix" => found with { PathPrefix = value.Trim('"', '\'').Trim('/') is { Length: > 0 } prefix ? $"/{prefix}" : null },
                    _ => found,
                };
            }
        }

        return found;
    }

    private static string[] Lines(string path) =>
        PlainFile.Read(path, ConfigLoader.LargestFile).Content is { } content ? Encoding.UTF8.GetString(content).TrimStart('\uFEFF').Split('\n') : [];
}
