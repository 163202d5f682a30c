using System.Security.Cryptography;
using System.Text;
using Synthwave.Configuration.Binding;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration;

/// <summary>
/// Text → <see cref="GatewayConfig"/>, or every reason why not. Stateless; the environment is a function so that nothing here reads the
/// process. Whatever the file holds, loading ends with a result: it never throws.
/// </summary>
internal static class ConfigLoader
{
    /// <summary>A variable of the original gateway: the fixed grace of every ensemble that has none of its own, in seconds.</summary>
    public const string GraceVariable = "TK_MOA_QUORUM_GRACE_SECS";

    private const int LargestFile = 16 * 1024 * 1024;

    public static ConfigResult Load(string path, Func<string, string?> environment)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (ReadAtMost(file, LargestFile) is not { } bytes)
            {
                return Unreadable(path, $"the file is larger than {LargestFile / (1024 * 1024)} MiB", null);
            }

            var result = Parse(bytes, path, environment);
            return result with { Config = result.Config is { } config ? config with { SourceHash = SHA256.HashData(bytes) } : null };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable(path, "the file does not exist", ConfigLocator.StartHint);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return Unreadable(path, Directory.Exists(path) ? "is a directory, not a file" : "the file cannot be read", "check the path and its permissions");
        }
    }

    public static ConfigResult Parse(string text, string? path, Func<string, string?> environment) =>
        Parse(Encoding.UTF8.GetBytes(text), path, environment);

    /// <param name="utf8">The file's content.</param>
    /// <param name="path">What problems call the file.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static ConfigResult Parse(ReadOnlySpan<byte> utf8, string? path, Func<string, string?> environment)
    {
        if (!TomlReader.TryRead(utf8, out var tree, out var error))
        {
            return ConfigResult.Failed(new ConfigProblem(path, error.Position.Line, error.Position.Column, "", error.Message, null));
        }

        var problems = new ProblemList(path);
        return problems.ToResult(Bind(tree, problems, path, environment));
    }

    private static GatewayConfig Bind(TomlTable tree, ProblemList problems, string? path, Func<string, string?> environment)
    {
        var root = new SectionReader(tree, "", problems);
        root.RefuseUnknownKeys(ConfigSchema.Root);

        var serverSection = root.Section(ConfigSchema.Server) ?? new SectionReader(new TomlTable(), ConfigSchema.Server.Name, problems);
        var server = ServerBinder.Bind(serverSection, environment);
        var voting = root.Section(ConfigSchema.Features)?.Read(ServerKeys.Voting, false) ?? false;
        var grace = ReadGrace(environment, problems);
        var upstreams = root.Sections(ConfigSchema.Upstreams).Select(u => UpstreamBinder.Bind(u.Name, u.Section)).ToList();
        var profiles = root.Sections(ConfigSchema.Profiles).Select(p => ProfileBinder.Bind(p.Name, p.Section, grace)).ToList();
        var vision = ModalityBinder.BindVision(root.Section(ConfigSchema.Vision));
        var video = ModalityBinder.Bind(root.Section(ConfigSchema.Video));
        var audio = ModalityBinder.Bind(root.Section(ConfigSchema.Audio));

        // Names count as defined also where their table is broken: one mistake, one problem.
        var upstreamNames = Names(tree, ConfigSchema.Upstreams);
        var references = new ReferenceChecks(upstreams, [.. upstreamNames.Select(n => n.Name)], problems);
        upstreams.ForEach(references.CheckUpstream);
        profiles.ForEach(references.CheckProfile);
        references.CheckEndpoints(vision, ConfigSchema.Vision, Modalities.Image);
        references.CheckEndpoints(video, ConfigSchema.Video, Modalities.Video);
        references.CheckEndpoints(audio, ConfigSchema.Audio, Modalities.Audio);
        new NameChecks(problems).Check(Names(tree, ConfigSchema.Profiles), upstreamNames, profiles, serverSection, server);

        upstreams.ForEach(u => Doubts.OfUpstream(u, environment));
        profiles.ForEach(p => Doubts.OfProfile(p, upstreams, server.RequestTimeout));
        return new GatewayConfig
        {
            SourcePath = path,
            Server = server,
            VotingEnabled = voting,
            Upstreams = [.. upstreams.Select(u => u.Config)],
            Profiles = [.. profiles.Where(p => p.Config is not null).Select(p => p.Config!)], // Null is filtered out right before.
            Vision = vision.Config,
            Video = video.Config,
            Audio = audio.Config,
        };
    }

    /// <summary>The names defined in a table of tables, with the places of their keys.</summary>
    private static List<(string Name, TomlPosition Position, string Key)> Names(TomlTable tree, TableKey key) =>
        tree.Find(key.Name)?.Value is TomlTable table
            ? [.. table.Entries.Select(e => (e.Key, e.KeyPosition, $"{key.Name}.{TomlWriter.Key(e.Key)}"))]
            : [];

    private static TimeSpan? ReadGrace(Func<string, string?> environment, ProblemList problems)
    {
        if (environment(GraceVariable) is not { Length: > 0 } text)
        {
            return null;
        }

        if (Coercion.TryNumberText(text, out var seconds) && !double.IsNaN(seconds))
        {
            return SecondsKey.FromSeconds(seconds);
        }

        problems.ErrorOutside(
            GraceVariable,
            "the environment variable must be a number of seconds",
            "0 or less = stragglers are cut at once; remove it for learned patience");
        return null;
    }

    /// <summary>The whole stream, or null when it is longer; devices and pipes have no length to ask for.</summary>
    private static byte[]? ReadAtMost(Stream stream, int limit)
    {
        using var content = new MemoryStream();
        var chunk = new byte[81_920];
        int read;
        while ((read = stream.Read(chunk)) > 0)
        {
            content.Write(chunk, 0, read);
            if (content.Length > limit)
            {
                return null;
            }
        }

        return content.ToArray();
    }

    private static ConfigResult Unreadable(string path, string message, string? hint) =>
        ConfigResult.Failed(new ConfigProblem(path, 0, 0, "", message, hint));
}
