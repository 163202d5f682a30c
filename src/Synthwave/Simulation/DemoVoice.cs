using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Synthwave.Simulation;

/// <summary>How one demo model talks. In the texts <c>{0}</c> is the topic and <c>{1}</c> the weightiest word of the prompt.</summary>
internal sealed partial record DemoVoice
{
    private const int PointsInAnswer = 3;

    /// <summary>A voter is given so few tokens that only a verdict can be meant.</summary>
    private const int VerdictTokens = 8;

    public required string Id { get; init; }

    public required string Opening { get; init; }

    public required ImmutableArray<string> Points { get; init; }

    public required string VoteReason { get; init; }

    /// <summary>Of ten questions so many are answered with yes.</summary>
    public required int YesInTen { get; init; }

    /// <summary>Null = none.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Combines drafts when there are any, votes when a verdict is asked for, else answers in its own manner.</summary>
    public SimulatedAnswer Answer(SimulatedRequest request)
    {
        var drafts = DemoDrafts.Find(request);
        if (!drafts.IsEmpty)
        {
            return SimulatedAnswer.Of(DemoDrafts.Combine(drafts));
        }

        var prompt = request.LastUserText;
        var topic = DemoTopic.Of(prompt);
        if (request.Facts.MaxTokens <= VerdictTokens || VerdictAsked.IsMatch(request.AllText))
        {
            return SimulatedAnswer.Of(Vote(prompt, topic));
        }

        return new SimulatedAnswer { Text = Talk(prompt, topic), Reasoning = Reasoning is null ? null : Fill(Reasoning, topic) };
    }

    [GeneratedRegex(@"\byes\b\W{0,4}(or|/|\||and)?\W{0,4}\bno\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VerdictAsked { get; }

    private static string Fill(string template, DemoTopic topic) => string.Format(CultureInfo.InvariantCulture, template, topic.Phrase, topic.Word);

    private string Vote(string prompt, DemoTopic topic) =>
        (Seed(prompt) % 10 < YesInTen ? "Yes, " : "No, ") + Fill(VoteReason, topic) + ".";

    private string Talk(string prompt, DemoTopic topic)
    {
        var text = new StringBuilder(Fill(Opening, topic)).Append('\n');
        var start = (int)(Seed(prompt) % Points.Length);
        for (var i = 0; i < PointsInAnswer; i++)
        {
            text.Append("\n- ").Append(Fill(Points[(start + i) % Points.Length], topic));
        }

        return text.ToString();
    }

    /// <summary>FNV-1a over model and prompt: the same in every process.</summary>
    private long Seed(string prompt)
    {
        var hash = 2166136261u;
        foreach (var c in Id + "\n" + prompt)
        {
            hash = (hash ^ c) * 16777619u;
        }

        // The low bits of neighbouring prompts are alike.
        return hash ^ (hash >> 15);
    }
}
