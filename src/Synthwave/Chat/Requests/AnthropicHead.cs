using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// What the head of a request to Anthropic's API says: the beta features its members need. It travels with those members, in <c>x_anthropic</c>, and goes
/// wherever they go. Values of other forms than the API's are dropped, so that nothing else can be written into a head by it.
/// </summary>
internal sealed record AnthropicHead
{
    public const string BetasMember = "betas";
    public const string BetaMember = "beta";

    /// <summary>The client's tools and its choice among them, as they came: they stand for the chat's.</summary>
    public const string ToolsMember = "own_tools";
    public const string ToolChoiceMember = "own_tool_choice";

    /// <summary>True = the answer may say what only this API knows.</summary>
    public const string OwnAnswerMember = "own_answer";

    /// <summary>True = so may the end of the answer and its usage, though not its blocks: an ensemble's are a chat's.</summary>
    public const string OwnEndMember = "own_end";

    public const string VersionMember = "own_version";

    private const int MostBetas = 32;
    private const int LongestBeta = 64;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    public static AnthropicHead None { get; } = new();

    /// <summary>The values of <c>anthropic-beta</c>, each once, in their order.</summary>
    public ImmutableArray<string> Betas { get; init; } = [];

    /// <summary>Whether the address ends in <c>?beta=true</c>.</summary>
    public bool IsBeta { get; init; }

    /// <summary>The value of <c>anthropic-version</c>, a date; null = none.</summary>
    public string? Version { get; init; }

    /// <param name="header">Lines of <c>anthropic-beta</c>, each a list.</param>
    /// <param name="isBeta">See <see cref="IsBeta"/>.</param>
    /// <param name="version">The value of <c>anthropic-version</c>.</param>
    public static AnthropicHead Of(IEnumerable<string?> header, bool isBeta, string? version = null)
    {
        var betas = ImmutableArray<string>.Empty;
        foreach (var line in header)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                betas = With(betas, line.AsSpan()[range].Trim());
            }
        }

        version = IsDate(version) ? version : null;
        return betas.IsEmpty && !isBeta && version is null ? None : new AnthropicHead { Betas = betas, IsBeta = isBeta, Version = version };
    }

    /// <summary>Reads it from a request's <c>x_anthropic</c>.</summary>
    public static AnthropicHead Read(ReadOnlyMemory<byte> extension)
    {
        if (extension.Span is not [(byte)'{', ..])
        {
            return None;
        }

        var isBeta = JsonEdits.FindMember(extension.Span, "beta"u8, out _) is { IsPresent: true } flag && flag.In(extension.Span).SequenceEqual("true"u8);
        var betas = ImmutableArray<string>.Empty;
        if (JsonEdits.FindMember(extension.Span, "betas"u8, out _) is { IsPresent: true } list && list.In(extension.Span) is [(byte)'[', ..] json)
        {
            foreach (var beta in JsonReading.Element(json).EnumerateArray())
            {
                betas = beta.TryGetText(out var word) ? With(betas, word) : betas;
            }
        }

        var version = JsonEdits.FindMember(extension.Span, "own_version"u8, out _) is { IsPresent: true } date && date.In(extension.Span) is [(byte)'"', .. var text, (byte)'"'] && text.Length == 10
            ? Encoding.ASCII.GetString(text)
            : null;
        version = IsDate(version) ? version : null;
        return betas.IsEmpty && !isBeta && version is null ? None : new AnthropicHead { Betas = betas, IsBeta = isBeta, Version = version };
    }

    /// <summary>Whether a member of <c>x_anthropic</c> is the gateway's own, which no model is sent.</summary>
    public static bool IsOurs(string name) => name is BetasMember or BetaMember or ToolsMember or ToolChoiceMember or OwnAnswerMember or OwnEndMember or VersionMember;

    // As the API's versions are written: 2023-06-01.
    private static bool IsDate(string? text)
    {
        if (text is not { Length: 10 })
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (i is 4 or 7 ? text[i] != '-' : !char.IsAsciiDigit(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static ImmutableArray<string> With(ImmutableArray<string> betas, ReadOnlySpan<char> beta) =>
        beta.Length is 0 or > LongestBeta || betas.Length >= MostBetas || beta.ContainsAnyExcept(Letters) || Holds(betas, beta) ? betas : betas.Add(beta.ToString());

    private static bool Holds(ImmutableArray<string> betas, ReadOnlySpan<char> beta)
    {
        foreach (var known in betas)
        {
            if (beta.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}
