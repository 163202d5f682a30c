using System.Globalization;
using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;

namespace Synthwave.Strategies;

/// <summary>The client's limit of the answer against what an upstream can write: many refuse what is above it instead of writing less.</summary>
internal static class OutputCap
{
    private static readonly string[] Names = ["max_tokens", "max_completion_tokens"];

    /// <summary>The body with its limit lowered to <c>max_output</c>, the very body where that is not wished for or changes nothing.</summary>
    /// <param name="body">What is to be sent.</param>
    /// <param name="upstream">Whom to.</param>
    /// <param name="lowered">The member that was lowered; null = none.</param>
    public static ChatBody Lower(ChatBody body, UpstreamConfig upstream, out string? lowered)
    {
        lowered = null;
        if (!upstream.ClampMaxTokens)
        {
            return body;
        }

        foreach (var name in Names)
        {
            // Written as a number or as its text, as clients do.
            if (body.TryGet(name, out var value)
                && double.TryParse(Encoding.UTF8.GetString(value.Span).Trim('"'), NumberStyles.Float, CultureInfo.InvariantCulture, out var asked)
                && asked > upstream.MaxOutput)
            {
                lowered = name;
                body = body.WithNumber(name, upstream.MaxOutput);
            }
        }

        return body;
    }
}
