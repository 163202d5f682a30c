using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// What an Anthropic model said of its message beyond a chat's words, for its client: a choice's <c>x_anthropic</c>. Why the message ended counts where it
/// says more than the chat's reason and does not gainsay it.
/// </summary>
internal sealed class OwnMembers
{
    private readonly List<(string Name, byte[] Json)> _members = [];

    private OwnMembers(string? stopReason) => StopReason = stopReason;

    public static OwnMembers None { get; } = new(null);

    /// <summary>In the API's word; null = not told.</summary>
    public string? StopReason { get; }

    public static OwnMembers Read(JsonElement choice)
    {
        if (!choice.Has("x_anthropic"u8, JsonValueKind.Object, out var own))
        {
            return None;
        }

        var read = new OwnMembers(own.FindText("stop_reason"));
        foreach (var member in own.EnumerateObject())
        {
            if (member.TryGetName(out var name) && name is not ("id" or "type" or "role" or "model" or "content" or "stop_reason" or "stop_sequence" or "usage" or "x_meta_model" or "delta"))
            {
                read._members.Add((name, member.Value.Raw().ToArray()));
            }
        }

        return read;
    }

    /// <summary>Writes those that stand in the message itself.</summary>
    public void Write(Utf8JsonWriter json) => Write(json, static _ => true);

    /// <summary>Writes those that stand in an end's <c>delta</c>.</summary>
    public void WriteDelta(Utf8JsonWriter json) => Write(json, IsOfDelta);

    /// <summary>Writes those that stand beside it.</summary>
    public void WriteBesideDelta(Utf8JsonWriter json) => Write(json, static name => !IsOfDelta(name));

    private static bool IsOfDelta(string name) => name is "container" or "stop_details";

    private void Write(Utf8JsonWriter json, Func<string, bool> isWanted)
    {
        foreach (var (name, value) in _members)
        {
            if (isWanted(name))
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value, skipInputValidation: true);
            }
        }
    }
}
