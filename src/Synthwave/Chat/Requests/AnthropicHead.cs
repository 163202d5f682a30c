using System.Buffers;
using System.Collections.Immutable;
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

    private const int MostBetas = 32;
    private const int LongestBeta = 64;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    public static AnthropicHead None { get; } = new();

    /// <summary>The values of <c>anthropic-beta</c>, each once, in their order.</summary>
    public ImmutableArray<string> Betas { get; init; } = [];

    /// <summary>Whether the address ends in <c>?beta=true</c>.</summary>
    public bool IsBeta { get; init; }

    /// <param name="header">Lines of <c>anthropic-beta</c>, each a list.</param>
    /// <param name="isBeta">See <see cref="IsBeta"/>.</param>
    public static AnthropicHead Of(IEnumerable<string?> header, bool isBeta)
    {
        var betas = ImmutableArray<string>.Empty;
        foreach (var line in header)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                betas = With(betas, line.AsSpan()[range].Trim());
            }
        }

        return betas.IsEmpty && !isBeta ? None : new AnthropicHead { Betas = betas, IsBeta = isBeta };
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
                betas = beta.TryGetText(out var text) ? With(betas, text) : betas;
            }
        }

        return betas.IsEmpty && !isBeta ? None : new AnthropicHead { Betas = betas, IsBeta = isBeta };
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
