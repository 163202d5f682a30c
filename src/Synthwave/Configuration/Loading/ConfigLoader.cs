using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Loading;

/// <summary>
/// Text → <see cref="GatewayConfig"/>, or every reason why not. Stateless; the environment is a function so that nothing here reads the
/// process. Whatever the file holds, loading ends with a result: it never throws.
/// </summary>
internal static class ConfigLoader
{
    /// <summary>A variable of the original gateway: the fixed grace of every ensemble that has none of its own, in seconds.</summary>
    public const string GraceVariable = "TK_MOA_QUORUM_GRACE_SECS";

    /// <summary>Most bytes of a configuration file, far above any that was written by hand.</summary>
    public const int LargestFile = 4 * 1024 * 1024;

    public static ConfigResult Load(string path, Func<string, string?> environment)
    {
        var (bytes, trouble) = PlainFile.Read(path, LargestFile);
        if (bytes is null)
        {
            return Unreadable(path, trouble ?? FileTrouble.Unreadable);
        }

        var files = new NamedFiles(path);
        var result = Parse(bytes, path, environment, files, out var tables);
        ImmutableArray<SourceFile> sources = [new(path, SHA256.HashData(bytes)) { Length = bytes.Length, Tables = tables }, .. files.Sources];
        return result with { Config = result.Config is { } config ? config with { Sources = sources } : null, Sources = sources };
    }

    public static ConfigResult Parse(string text, string? path, Func<string, string?> environment) =>
        Parse(Encoding.UTF8.GetBytes(text), path, environment);

    /// <param name="utf8">The file's content.</param>
    /// <param name="path">What problems call the file.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static ConfigResult Parse(ReadOnlySpan<byte> utf8, string? path, Func<string, string?> environment) => Parse(utf8, path, environment, new NamedFiles(path), out _);

    private static ConfigResult Parse(ReadOnlySpan<byte> utf8, string? path, Func<string, string?> environment, NamedFiles files, out ImmutableArray<string> tables)
    {
        tables = [];
        if (!TomlReader.TryRead(utf8, out var tree, out var error))
        {
            return ConfigResult.Failed(new ConfigProblem(path, error.Position.Line, error.Position.Column, "", error.Message, null));
        }

        tables = [.. tree.Entries.Select(static e => e.Key)];
        var problems = new ProblemList(path);
        var written = ConfigOrigins.From(OriginReader.Read(tree, path));
        var config = Read(VariableExpansion.Expand(tree, environment, problems), problems, path, environment, files, written);
        return problems.ToResult(config with { Origins = config.Origins.With(Graces(config, tree)) });
    }

    private static GatewayConfig Read(TomlTable tree, ProblemList problems, string? path, Func<string, string?> environment, NamedFiles files, ConfigOrigins written)
    {
        var root = new SectionReader(tree, "", problems, ConfigSchema.All);
        root.RefuseUnknownKeys(ConfigSchema.Root);
        SectionReader Own(TableKey key) => root.Section(key) ?? new SectionReader(new TomlTable(), key.Name, problems);

        var serverSection = Own(ConfigSchema.Server);
        var server = ServerRules.Check(serverSection, ServerTable.Keys.Read(serverSection, ServerTable.Keys.Blank), environment, files);
        var features = FeaturesTable.Keys.Read(Own(ConfigSchema.Features), FeaturesTable.Keys.Blank);
        var grace = ReadGrace(environment, problems);
        var providers = root.Sections(ConfigSchema.Providers).Select(p => new LoadedProvider(ProviderTable.Read(p.Name, p.Section), p.Section)).ToList();
        var chains = new ProviderChains(providers);
        chains.Check();
        var layers = new UpstreamLayers(chains, environment, written);
        var upstreams = root.Sections(ConfigSchema.Upstreams).Select(u => ReadUpstream(u.Name, layers.Fill(u.Name, u.Section), environment, files)).ToList();
        layers.Missing.Report();
        var profiles = root.Sections(ConfigSchema.Profiles).Select(p => ReadProfile(p.Name, p.Section, grace)).ToList();

        // Names count as defined also where their table is broken: one mistake, one problem.
        var upstreamNames = Names(tree, ConfigSchema.Upstreams);
        var references = new ReferenceChecks(upstreams, [.. upstreamNames.Select(n => n.Name)], problems);
        upstreams.ForEach(references.CheckUpstream);
        profiles.ForEach(references.CheckProfile);
        var around = new ProfileSurroundings(server.RequestTimeout, name => references.Find(name)?.Config);
        profiles.ForEach(p => p.Kind?.Check(p.Config!, p.Section, around)); // A kind comes with a profile.

        var (visionSection, videoSection, audioSection) = (Own(ConfigSchema.Vision), Own(ConfigSchema.Video), Own(ConfigSchema.Audio));
        var vision = ModalityRules.Check(visionSection, ModalityTables.Vision.Read(visionSection, ModalityTables.Vision.Blank));
        var video = ModalityTables.Video.Read(videoSection, ModalityTables.Video.Blank);
        var audio = ModalityTables.Audio.Read(audioSection, ModalityTables.Audio.Blank);
        references.CheckEndpoints(visionSection, Modalities.Image);
        references.CheckEndpoints(videoSection, Modalities.Video);
        references.CheckEndpoints(audioSection, Modalities.Audio);
        new NameChecks(problems).Check(Names(tree, ConfigSchema.Profiles), upstreamNames, profiles, serverSection, server);

        return features with
        {
            SourcePath = path,
            Origins = written.With(layers.Origins),
            Server = server,
            Providers = [.. providers.Select(p => p.Config)],
            Upstreams = [.. upstreams.Select(u => u.Config)],
            Profiles = [.. profiles.Select(p => p.Config).OfType<ProfileConfig>()],
            Vision = vision,
            Video = video,
            Audio = audio,
            History = HistoryTable.Keys.Read(Own(ConfigSchema.History), HistoryTable.Keys.Blank),
        };
    }

    private static LoadedUpstream ReadUpstream(string name, FilledUpstream filled, Func<string, string?> environment, NamedFiles files)
    {
        var section = filled.Section;
        section.RefuseUnknownKeys(UpstreamTable.Keys);
        var upstream = UpstreamTable.Keys.Read(section, UpstreamTable.Keys.Blank with { Name = name });
        upstream = filled.LacksUrl ? upstream : BaseUrlRules.Check(section, upstream);
        UpstreamRules.Check(section, upstream);
        upstream = upstream with { Credentials = CredentialRules.Check(section, upstream, environment, files, filled.HasKnownKey) };
        UpstreamWarnings.Warn(section, upstream, environment);
        if (section.Has(UpstreamTable.Tls) && upstream.Tls is { } tls)
        {
            upstream = upstream with { Tls = TlsRules.Check(section.Inner(UpstreamTable.Tls), tls, upstream.BaseUrl, files) };
        }

        return new LoadedUpstream(upstream, section);
    }

    private static LoadedProfile ReadProfile(string name, SectionReader section, TimeSpan? environmentGrace)
    {
        var kind = ProfileKinds.Of(section);
        var profile = kind?.Read(name, section);
        return new LoadedProfile(name, section, kind, profile is MoaProfileConfig { Grace: null } moa ? moa with { Grace = environmentGrace } : profile);
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

    /// <summary>The ensembles whose grace the environment decided.</summary>
    private static IEnumerable<KeyValuePair<string, ConfigOrigin>> Graces(GatewayConfig config, TomlTable tree) =>
        from profile in config.Profiles.OfType<MoaProfileConfig>()
        where profile.Grace is not null
        let table = (tree.Find(ConfigSchema.Profiles.Name)?.Value as TomlTable)?.Find(profile.Name)?.Value as TomlTable
        where table?.Find(MoaKind.Grace.Name) is null
        select KeyValuePair.Create(
            $"{ConfigSchema.Profiles.Name}.{TomlWriter.Key(profile.Name)}.{MoaKind.Grace.Name}", new ConfigOrigin(OriginKind.Environment, GraceVariable));

    private static ConfigResult Unreadable(string path, FileTrouble trouble)
    {
        (string Message, string? Hint) said = trouble switch
        {
            FileTrouble.Missing => ("the file does not exist", ConfigLocator.StartHint),
            FileTrouble.Directory => ("is a directory, not a file", "check the path and its permissions"),
            FileTrouble.NotRegular => ("is a pipe or a device, not a file", "write the configuration to a file"),
            FileTrouble.TooLarge => ($"the file {trouble.Words(LargestFile)}", null),
            _ => ("the file cannot be read", "check the path and its permissions"),
        };
        return ConfigResult.Failed(new ConfigProblem(path, 0, 0, "", said.Message, said.Hint));
    }
}
