using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Chat;

namespace Synthwave.Api;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>; ids may contain slashes, written plainly or as <c>%2F</c>.</summary>
internal static class ModelsEndpoint
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="routes">Where to map.</param>
    /// <param name="names">The names in force now; null = no configuration, an empty list.</param>
    /// <param name="startedAt">When the process started: every entry's <c>created</c>.</param>
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes, Func<IModelNames?> names, DateTimeOffset startedAt)
    {
        var created = startedAt.ToUnixTimeSeconds();
        routes.MapGet("/v1/models", context => WriteAsync(context, json => WriteList(json, names()?.List() ?? [], created)));
        routes.MapGet("/v1/models/{**id:minlength(1)}", context =>
        {
            var id = IdOf(context);
            return names()?.Find(id) is { } model
                ? WriteAsync(context, json => WriteModel(json, model, created))
                : ErrorWriter.WriteAsync(context, new GatewayError(404, "model_not_found", $"The model '{id}' does not exist here.") { Param = "model" });
        });
        return routes;
    }

    private static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, buffer.WrittenMemory);
    }

    // The server decodes a path but for escaped slashes.
    private static string IdOf(HttpContext context) =>
        (context.Request.RouteValues["id"] as string ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<ListedModel> models, long created)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var model in models)
        {
            WriteModel(json, model, created);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, ListedModel model, long created)
    {
        json.WriteStartObject();
        json.WriteString("id", model.Id);
        json.WriteString("object", "model");
        json.WriteNumber("created", created);
        json.WriteString("owned_by", "meta-model");
        json.WriteNumber("max_model_len", model.MaxModelLength);
        json.WriteStartObject("capabilities");
        json.WriteBoolean("vision", model.Vision);
        json.WriteBoolean("video", model.Video);
        json.WriteBoolean("audio", model.Audio);
        json.WriteBoolean("function_calling", model.FunctionCalling);
        json.WriteBoolean("effective_image_capability", model.Vision);
        json.WriteBoolean("supports_image_tools", model.SupportsImageTools);
        json.WriteBoolean("thinking", model.Thinking);
        json.WriteBoolean("reasoning_visible", model.ReasoningVisible);
        json.WriteEndObject();
        if (model.AliasOf is { } profile)
        {
            json.WriteString("alias_of", profile);
        }

        json.WriteEndObject();
    }
}
