using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary><c>GET /v1/models</c>, in pages when a page size is set.</summary>
internal static class CatalogEndpoint
{
    public static async Task AnswerAsync(HttpContext http, ImmutableArray<SimulatedModel> models, int? pageSize)
    {
        ImmutableArray<SimulatedModel> listed = [.. models.Where(m => m.Listed)];
        var page = listed;
        if (pageSize is { } size)
        {
            var after = http.Request.Query["after"].ToString();
            var start = after.Length == 0 ? 0 : listed.FindIndexAfter(after);
            var limit = int.TryParse(http.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? Math.Min(asked, size) : size;
            page = [.. listed.Skip(start).Take(limit)];
            listed = [.. listed.Skip(start)];
        }

        var body = new ArrayBufferWriter<byte>();
        using (var json = JsonWriting.To(body))
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            foreach (var model in page)
            {
                Write(json, model);
            }

            json.WriteEndArray();
            if (pageSize is not null)
            {
                json.WriteString("first_id"u8, page.FirstOrDefault()?.Id);
                json.WriteString("last_id"u8, page.LastOrDefault()?.Id);
                json.WriteBoolean("has_more"u8, page.Length < listed.Length);
            }

            json.WriteEndObject();
        }

        var wire = new HttpWire(http);
        wire.Head(StatusCodes.Status200OK, Wire.Json, body.WrittenCount);
        wire.Buffer.Write(body.WrittenSpan);
        await wire.FlushAsync(http.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, SimulatedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, 0);
        json.WriteString("owned_by"u8, "simulation"u8);
        if (model.ContextLength is { } context)
        {
            json.WriteNumber("context_length"u8, context);
        }

        json.WriteEndObject();
    }

    private static int FindIndexAfter(this ImmutableArray<SimulatedModel> models, string id)
    {
        for (var i = 0; i < models.Length; i++)
        {
            if (models[i].Id == id)
            {
                return i + 1;
            }
        }

        return models.Length;
    }
}
