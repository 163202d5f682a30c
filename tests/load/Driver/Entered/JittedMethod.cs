using System.Text;

namespace Synthwave.Load.Driver.Entered;

/// <summary>A line of the compiler's summary.</summary>
/// <param name="Type">As metadata names it, nested types after a plus, without type arguments.</param>
/// <param name="Name">Of the method.</param>
/// <param name="Signature">The whole, by which one overload or instantiation is told from another.</param>
internal sealed record JittedMethod(string Type, string Name, string Signature)
{
    private const string Mark = ": JIT compiled ";

    /// <summary>Reads <c>7: JIT compiled Space.Type`1+Nested[Argument]:Method[Argument](int):int [Tier0, IL size=…]</c>; null when it is something else.</summary>
    public static JittedMethod? Parse(string line)
    {
        var start = line.IndexOf(Mark, StringComparison.Ordinal);
        var end = line.LastIndexOf(" [", StringComparison.Ordinal);
        if (start < 0 || end < start + Mark.Length)
        {
            return null;
        }

        var signature = line[(start + Mark.Length)..end];
        var type = new StringBuilder();
        var depth = 0;
        for (var i = 0; i < signature.Length; i++)
        {
            var c = signature[i];
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (c == ':' && depth == 0)
            {
                var rest = signature[(i + 1)..];
                var length = rest.AsSpan().IndexOfAny('(', '[');
                return new JittedMethod(type.ToString(), length < 0 ? rest : rest[..length], signature);
            }

            if (depth == 0 && c != ']')
            {
                type.Append(c);
            }
        }

        return null;
    }
}
