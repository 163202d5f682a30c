using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Events;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>What a reply without an id, a time or a model is given. Thread-safe.</summary>
/// <param name="model">The name the upstream is asked by.</param>
/// <param name="time">The clock that dates answers.</param>
internal sealed class AnswerLabels(string model, TimeProvider time)
{
    private readonly string _model = Encoding.UTF8.GetString(JsonText.Quote(model));

    /// <summary>The labels of a chunk or a completion, a JSON object: its own where they are of the right form, ours in the place of the others.</summary>
    public StreamLabels Of(JsonElement root) => new(
        Text(root, "id"u8) ?? $"\"{RandomHex.New(24, "chatcmpl-")}\"",
        root.Has("created"u8, JsonValueKind.Number, out var created) && created.TryGetInt64(out _) ? Encoding.UTF8.GetString(created.Raw()) : time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        Text(root, "model"u8) ?? _model);

    private static string? Text(JsonElement root, ReadOnlySpan<byte> name) =>
        root.Has(name, JsonValueKind.String, out var value) && value.RawText().Length > 0 ? Encoding.UTF8.GetString(value.Raw()) : null;
}
