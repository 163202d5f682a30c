using System.CommandLine;
using System.CommandLine.Parsing;
using Synthwave.Configuration.Schema;

namespace Synthwave.Commands;

/// <summary>What is wrong with a command line, in words without the parser's types, and with a suggestion where one is near. Pure.</summary>
internal static class UsageErrors
{
    /// <summary>One sentence an error, and last where to read more.</summary>
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var unmatched = parsed.UnmatchedTokens;
        for (var i = 0; i < unmatched.Count; i++)
        {
            yield return $"synthwave: {Unknown(unmatched[i], command)}";

            // What follows an unknown flag is most likely its value.
            if (IsFlag(unmatched[i]) && i + 1 < unmatched.Count && !IsFlag(unmatched[i + 1]))
            {
                i++;
            }
        }

        foreach (var error in parsed.Errors.Where(e => !unmatched.Any(u => e.Message.Contains($"'{u}'", StringComparison.Ordinal))))
        {
            yield return $"synthwave: {Words(error)}";
        }

        yield return $"See: synthwave {(command is RootCommand ? "" : command.Name + " ")}--help";
    }

    private static string Unknown(string token, Command command)
    {
        if (!IsFlag(token))
        {
            var hint = command is RootCommand ? Suggestion.For(token, command.Subcommands.Select(c => c.Name)) : null;
            return command is RootCommand ? $"'{token}' is no verb{Parenthesis(hint)}." : $"{command.Name} takes no '{token}'.";
        }

        var name = token.Split('=', 2)[0];
        var near = Suggestion.For(name, command.Options.Select(o => o.Name));
        return $"'{name}' is no flag of {(command is RootCommand ? "serve" : command.Name)}{Parenthesis(near)}.";
    }

    // The parser names the type it could not make of a value.
    private static string Words(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: { } option, Tokens: [var said, ..] } || !error.Message.Contains("System.", StringComparison.Ordinal))
        {
            return error.Message;
        }

        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        var expected = type == typeof(int) || type == typeof(long) ? "a whole number" : type == typeof(double) || type == typeof(decimal) ? "a number" : "something else";
        return $"{option.Name} must be {expected}; found '{said.Value}'.";
    }

    private static bool IsFlag(string token) => token.StartsWith('-');

    private static string Parenthesis(string? hint) => hint is null ? "" : $" ({hint})";
}
