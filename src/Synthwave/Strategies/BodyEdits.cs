using System.Text;
using Synthwave.Chat.Bodies;

namespace Synthwave.Strategies;

/// <summary>The edits strategies make to a body.</summary>
internal static class BodyEdits
{
    public static ChatBody WithoutTools(this ChatBody body) => body.Without("tools").Without("tool_choice").Without("parallel_tool_calls");

    public static ChatBody WithNumber(this ChatBody body, string name, double value) =>
        body.With(name, Encoding.UTF8.GetBytes(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));

    public static ChatBody WithNumber(this ChatBody body, string name, int value) =>
        body.With(name, Encoding.UTF8.GetBytes(value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}
