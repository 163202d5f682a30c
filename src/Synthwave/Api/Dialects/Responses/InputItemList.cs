using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>The input items of a stored response as a page of the API's lists. An item without an id is given one, by which it can be referred to.</summary>
internal static class InputItemList
{
    private const int MostItems = 100;
    private const int UsualItems = 20;

    /// <summary>Null = done, otherwise what is wrong with the query.</summary>
    public static GatewayError? Write(StoredResponse stored, string? order, string? limit, string? after, IBufferWriter<byte> output)
    {
        if (order is not (null or "" or "asc" or "desc"))
        {
            return GatewayError.BadRequest("invalid_request", "order must be asc or desc.", "order");
        }

        var most = UsualItems;
        if (!string.IsNullOrEmpty(limit) && (!int.TryParse(limit, out most) || most is < 1 or > MostItems))
        {
            return GatewayError.BadRequest("invalid_request", $"limit must be a number from 1 to {MostItems}.", "limit");
        }

        using var document = JsonReading.Document((byte[])[(byte)'[', .. stored.Said.Input.Span, (byte)']']);
        var items = document.RootElement.EnumerateArray().Select((item, place) => (Item: item, Id: item.FindText("id") ?? ItemIds.New(PrefixOf(item), stored.Id, ItemIds.FirstInput + place))).ToList();
        if (order is not "asc")
        {
            items.Reverse();
        }

        var first = 0;
        if (!string.IsNullOrEmpty(after))
        {
            first = items.FindIndex(i => i.Id == after) + 1;
            if (first == 0)
            {
                return GatewayError.BadRequest("invalid_request", "after names no item of this list.", "after");
            }
        }

        var page = items.Skip(first).Take(most).ToList();
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var (item, id) in page)
        {
            WriteItem(item, id, json);
        }

        json.WriteEndArray();
        WriteId("first_id"u8, page is [var head, ..] ? head.Id : null);
        WriteId("last_id"u8, page is [.., var tail] ? tail.Id : null);
        json.WriteBoolean("has_more"u8, first + page.Count < items.Count);
        json.WriteEndObject();
        return null;

        void WriteId(ReadOnlySpan<byte> name, string? id)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(id is null ? "null"u8 : JsonText.Quote(id), skipInputValidation: true);
        }
    }

    private static string PrefixOf(JsonElement item) => IsMessage(item) ? "msg_" : "item_";

    private static bool IsMessage(JsonElement item) => item.ValueKind is JsonValueKind.String || !item.Has("type"u8, out var type) || type.IsText("message"u8);

    private static void WriteItem(JsonElement item, string id, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteText("id"u8, id);
        if (IsMessage(item))
        {
            WriteMessage(item, json);
        }
        else
        {
            foreach (var member in item.EnumerateObject().Where(static m => !m.IsNamed("id"u8)))
            {
                json.WriteRaw(member);
            }
        }

        json.WriteEndObject();
    }

    // A message in short form is told in full: as parts.
    private static void WriteMessage(JsonElement item, Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "message"u8);
        json.WriteString("status"u8, "completed"u8);
        json.WritePropertyName("role"u8);
        json.WriteRawValue(item.Has("role"u8, out var role) ? role.Raw() : "\"user\""u8, skipInputValidation: true);
        var content = item.ValueKind is JsonValueKind.String ? item : item.Has("content"u8, out var given) ? given : default;
        if (content.ValueKind is JsonValueKind.Array)
        {
            json.WriteRaw("content"u8, content);
            return;
        }

        json.WriteStartArray("content"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, role.IsText("assistant"u8) ? "output_text"u8 : "input_text"u8);
        json.WriteText("text"u8, content.Text());
        if (role.IsText("assistant"u8))
        {
            json.WriteStartArray("annotations"u8);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }
}
