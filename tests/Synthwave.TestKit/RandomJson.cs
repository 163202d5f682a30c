using System.Globalization;
using System.Text;

namespace Synthwave.TestKit;

/// <summary>JSON as clients write it: any white space, any escapes, numbers in every form. Written by hand because a serialiser would tidy it.</summary>
public static class RandomJson
{
    private static readonly string[] Numbers =
        ["0", "-0", "1", "-1", "1.10", "1E5", "1e+5", "2.5e-3", "12345678901234567890123", "0.1", "-0.0", "9007199254740993", "1e400"];

    public static string Value(Random random, int depth = 4)
    {
        ArgumentNullException.ThrowIfNull(random);
        var text = new StringBuilder();
        Write(text, random, depth);
        return text.ToString();
    }

    /// <summary>An object with distinct keys.</summary>
    public static string ObjectText(Random random, int depth = 4)
    {
        ArgumentNullException.ThrowIfNull(random);
        var text = new StringBuilder();
        WriteObject(text, random, depth);
        return text.ToString();
    }

    /// <summary>A quoted string that reads as <paramref name="value"/>, with escapes where they are needed and sometimes where they are not.</summary>
    public static string Quoted(Random random, string value)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(value);
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            // Half of a pair must not be escaped alone, so pairs are never escaped.
            var must = c is '"' or '\\' or < ' ';
            if (must || (!char.IsSurrogate(c) && random.Next(8) == 0))
            {
                text.Append(Escape(random, c));
            }
            else
            {
                text.Append(c);
            }
        }

        return text.Append('"').ToString();
    }

    private static string Escape(Random random, char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' when random.Next(2) == 0 => "\\n",
        '\t' when random.Next(2) == 0 => "\\t",
        '/' => "\\/",
        _ => "\\u" + ((int)c).ToString(random.Next(2) == 0 ? "x4" : "X4", CultureInfo.InvariantCulture),
    };

    private static void Write(StringBuilder to, Random random, int depth)
    {
        switch (random.Next(depth > 0 ? 7 : 5))
        {
            case 0:
                to.Append("null");
                break;
            case 1:
                to.Append(random.Next(2) == 0 ? "true" : "false");
                break;
            case 2:
                to.Append(Numbers[random.Next(Numbers.Length)]);
                break;
            case 3 or 4:
                to.Append(Quoted(random, RandomText.Valid(random, 8)));
                break;
            case 5:
                WriteArray(to, random, depth);
                break;
            default:
                WriteObject(to, random, depth);
                break;
        }
    }

    private static void WriteArray(StringBuilder to, Random random, int depth)
    {
        to.Append('[');
        for (var i = random.Next(4); i > 0; i--)
        {
            Space(to, random);
            Write(to, random, depth - 1);
            Space(to, random);
            to.Append(i > 1 ? "," : "");
        }

        Space(to, random);
        to.Append(']');
    }

    private static void WriteObject(StringBuilder to, Random random, int depth)
    {
        to.Append('{');
        var keys = Enumerable.Range(0, random.Next(5)).Select(i => RandomText.Valid(random, 2) + i.ToString(CultureInfo.InvariantCulture)).ToArray();
        for (var i = 0; i < keys.Length; i++)
        {
            Space(to, random);
            to.Append(Quoted(random, keys[i]));
            Space(to, random);
            to.Append(':');
            Space(to, random);
            Write(to, random, depth - 1);
            Space(to, random);
            to.Append(i < keys.Length - 1 ? "," : "");
        }

        Space(to, random);
        to.Append('}');
    }

    private static void Space(StringBuilder to, Random random)
    {
        for (var i = random.Next(8) == 0 ? random.Next(1, 4) : 0; i > 0; i--)
        {
            to.Append(" \t\r\n"[random.Next(4)]);
        }
    }
}
