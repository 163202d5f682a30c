using System.Text.RegularExpressions;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Turn markers of chat templates, which some servers read as such wherever they stand: a draft that spells one out would open a turn of its own.
/// A blank behind the first character leaves them readable and makes them text.
/// </summary>
internal static partial class ControlTokens
{
    public static string Disarm(string text) => Opening.Replace(text, "$0 ");

    // The bars of the second kind are full-width. An operator such as <| with no closing bar is left alone.
    [GeneratedRegex(@"<(?=\|[A-Za-z0-9_]{1,40}\|>|\uFF5C[^\uFF5C<>]{1,40}\uFF5C>|(start|end)_of_turn>|/?SYS>>)|\[(?=/?INST\])", RegexOptions.CultureInvariant)]
    private static partial Regex Opening { get; }
}
