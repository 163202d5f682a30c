using System.Security.Cryptography;
using System.Text;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>Names of functions for tools that have none a chat API would take. A name depends on nothing but the tool, so that every turn names it alike.</summary>
internal static class ToolNames
{
    /// <summary>Characters of the longest function name chat APIs take.</summary>
    public const int Longest = 64;

    private const int HashDigits = 8;

    /// <summary>Namespace and name in one: <c>calendar</c> and <c>list</c> become <c>calendar__list</c>. Without a namespace the name stays as it is.</summary>
    public static string Flatten(string? space, string name)
    {
        if (space is null)
        {
            return name;
        }

        var flat = $"{space.TrimEnd('_')}__{name}";
        var clean = string.Concat(flat.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
        return clean.Length > Longest ? Marked(clean, space, name) : clean;
    }

    /// <summary>The name with a mark that tells it from others that would read alike.</summary>
    public static string Marked(string flat, string? space, string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{space}\n{name}")));
        return $"{flat.AsSpan(0, Math.Min(flat.Length, Longest - HashDigits - 1))}_{hash.AsSpan(0, HashDigits)}";
    }
}
