using System.Text;

namespace Synthwave.Proof.Fuzz.Targets;

/// <summary>What targets say of an input.</summary>
internal static class Outcome
{
    private const int Longest = 120;

    /// <summary>A message without its figures, so that it says one thing however often it is told of another place.</summary>
    public static string Shape(string message)
    {
        var shape = new StringBuilder(Math.Min(message.Length, Longest));
        foreach (var c in message.AsSpan(0, Math.Min(message.Length, Longest)))
        {
            var shown = char.IsAsciiDigit(c) ? '0' : c;
            if (shape.Length == 0 || shown != '0' || shape[^1] != '0')
            {
                shape.Append(shown);
            }
        }

        return shape.ToString();
    }
}
