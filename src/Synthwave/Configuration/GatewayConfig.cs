using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary>
/// What the operator wrote in <c>meta-model.toml</c>, validated, with defaults filled in. Immutable and free of live objects:
/// a running gateway is built from it and replaced whole when it changes. Safe to share between threads.
/// </summary>
internal sealed record GatewayConfig
{
    /// <summary>The file the configuration came from; null when it was built in memory.</summary>
    public string? SourcePath { get; init; }

    /// <summary>Every file the configuration was read from, <see cref="SourcePath"/> first; empty = it was built in memory.</summary>
    public ImmutableArray<SourceFile> Sources { get; init; } = [];

    /// <summary>Where each value comes from.</summary>
    public ConfigOrigins Origins { get; init; } = ConfigOrigins.None;

    public ServerConfig Server { get; init; } = new();

    /// <summary><c>[features] voting</c>: whether voting profiles are listed and callable. Default false.</summary>
    public bool VotingEnabled { get; init; }

    public HistoryConfig History { get; init; } = new();

    /// <summary><c>[providers]</c>: what upstreams have in common, in file order. The upstreams have it already.</summary>
    public ImmutableArray<ProviderConfig> Providers { get; init; } = [];

    /// <summary>Model endpoints in file order.</summary>
    public ImmutableArray<UpstreamConfig> Upstreams { get; init; } = [];

    /// <summary>Profiles in file order; the order decides what the brand resolves to.</summary>
    public ImmutableArray<ProfileConfig> Profiles { get; init; } = [];

    public VisionConfig Vision { get; init; } = new();

    public ModalityConfig Video { get; init; } = new();

    public ModalityConfig Audio { get; init; } = new();
}

/// <summary><c>[video]</c>, <c>[audio]</c>: ranked upstream names that serve a modality; empty = the modality is off.</summary>
internal record ModalityConfig
{
    public ImmutableArray<string> Endpoints { get; init; } = [];
}

/// <summary><c>[vision]</c>: the image cascade and the describe-then-ensemble option.</summary>
internal sealed record VisionConfig : ModalityConfig
{
    public bool TwoStage { get; init; }

    /// <summary>Null = the built-in text.</summary>
    public string? DescribePrompt { get; init; }

    public int DescribeMaxTokens { get; init; } = 1500;

    public double DescribeTemperature { get; init; } = 0.2;

    /// <summary>The newest so many images are described; 0 or less = all.</summary>
    public int DescribeImageCap { get; init; } = 4;
}
