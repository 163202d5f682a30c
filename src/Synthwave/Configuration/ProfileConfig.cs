using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary><c>[profiles."x"]</c>: a model name clients ask for, and how it is answered.</summary>
internal abstract record ProfileConfig
{
    public required string Name { get; init; }

    /// <summary>Further names, original casing; matched ignoring case.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Whether reasoning fields reach the client.</summary>
    public bool ExposeReasoning { get; init; }

    public string? TokenizerUpstream { get; init; }

    public RescuePolicy Rescue { get; init; } = RescuePolicy.Always;

    public CapsConfig Caps { get; init; } = CapsConfig.None;

    /// <summary>The word of the key <c>type</c>; a raw upstream's is no word of the file.</summary>
    public abstract string Type { get; }

    /// <summary>Distinct upstream names this profile may call, in order of first use.</summary>
    public abstract ImmutableArray<string> Members { get; }

    /// <summary>The members that can give vectors in its name, best first; empty = it combines texts, which vectors cannot be.</summary>
    public virtual ImmutableArray<string> EmbeddingMembers => [];

    /// <summary>The member whose tokenizer speaks for all where their models differ; null = none does.</summary>
    public virtual string? LeadingMember => null;

    /// <summary>Whether an image none of its members can see may be put to it in words, with <c>[vision] two_stage</c>.</summary>
    public virtual bool ReadsDescriptions => false;

    /// <summary>Whether an answer is one member's own, which was sent the client's body as it came.</summary>
    public virtual bool PassesOn => false;

    /// <summary>The context window it offers, tokens; zero or less = no prompt fits.</summary>
    /// <param name="upstream">Finds a member.</param>
    public abstract long Window(Func<string, UpstreamConfig> upstream);

    /// <summary>Whether a request with tools may come back with calls.</summary>
    /// <param name="upstream">Finds a member.</param>
    public virtual bool CallsFunctions(Func<string, UpstreamConfig> upstream) => Members.Any(m => upstream(m).SupportsFunctionCalling);

    /// <summary>Whether an answer may come with reasoning.</summary>
    /// <param name="upstream">Finds a member.</param>
    public virtual bool Thinks(Func<string, UpstreamConfig> upstream) => Members.Any(m => upstream(m).SupportsThinking);

    /// <summary>Whether an answer can come about while only some members are up.</summary>
    /// <param name="isUp">Whether a member is.</param>
    public virtual bool CanAnswer(Func<string, bool> isUp) => Members.Any(isUp);

    /// <summary>
    /// The profile as it answers with some members alone, such as those that read images: itself where nothing changes, null where too few
    /// are left.
    /// </summary>
    /// <param name="keep">Whether a member stays.</param>
    public abstract ProfileConfig? Only(Func<string, bool> keep);
}

/// <summary>When a reasoning field becomes the answer of a model that wrote none.</summary>
internal enum RescuePolicy
{
    Always,

    /// <summary>Only when no other member remains.</summary>
    Last,
    Off,
}
