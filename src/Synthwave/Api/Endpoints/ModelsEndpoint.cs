using System.Buffers;
using System.Text.Json;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Routing;
using Synthwave.Routing.Names;

namespace Synthwave.Api.Endpoints;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>, and HEAD; ids may contain slashes, written plainly or as <c>%2F</c>.</summary>
internal static class ModelsEndpoint
{
    /// <param name="routes">Where to map.</param>
    /// <param name="names">The names in force now; null = no configuration, an empty list.</param>
    /// <param name="startedAt">When the process started: every entry's <c>created</c>.</param>
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes, Func<ModelNames?> names, DateTimeOffset startedAt)
    {
        var created = startedAt.ToUnixTimeSeconds();
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/v1/models", methods, context =>
        {
            var current = names();
            return WriteAsync(context, json =>
            {
                if (IsAnthropic(context))
                {
                    WriteAnthropicList(json, current, startedAt);
                }
                else
                {
                    WriteList(json, current, startedAt, IsCodex(context));
                }
            });
        }).WithTraits(RouteTraits.Default);
        routes.MapMethods("/v1/models/{**id:minlength(1)}", methods, context =>
        {
            var (id, current) = (IdOf(context), names());
            return current is not null && Find(current, id) is { } model
                ? WriteAsync(context, json => Write(json, model, current, IsAnthropic(context)))
                : ErrorWriter.WriteAsync(context, ProfileDispatcher.ModelNotFound(id));
        }).WithTraits(RouteTraits.Default);
        return routes;

        void Write(Utf8JsonWriter json, ListedModel model, ModelNames current, bool isAnthropic)
        {
            if (isAnthropic)
            {
                WriteAnthropicModel(json, model, startedAt);
            }
            else
            {
                WriteModel(json, model, current.CapabilitiesOf(model.Profile), created);
            }
        }
    }

    // Anthropic's clients send this header with every request; no other client does.
    private static bool IsAnthropic(HttpContext context) => context.Request.Headers.ContainsKey("anthropic-version");

    // Codex says its version, and wants a catalog of its own beside the list. An entry there replaces the client's own instructions for its model, which nobody here
    // can write: it stays empty, and the client keeps what it knows.
    private static bool IsCodex(HttpContext context) => context.Request.Query.ContainsKey("client_version");

    /// <summary>
    /// The entry of any callable name: as listed, or, for a raw upstream or another letter case, as the name was asked for. A voting profile that is
    /// switched off does not exist here.
    /// </summary>
    private static ListedModel? Find(ModelNames names, string id) =>
        names.Listing.FirstOrDefault(m => string.Equals(m.Id, id, StringComparison.Ordinal)) ?? (names.Resolve(id).Callable is { } profile ? new ListedModel(id, profile, AliasOf(profile, names, id)) : null);

    // Found but not listed under this spelling: an alias or the brand in another letter case.
    private static string? AliasOf(ProfileConfig profile, ModelNames names, string id) =>
        names.Listing.FirstOrDefault(m => string.Equals(NameFolding.Fold(m.Id), NameFolding.Fold(id), StringComparison.Ordinal) && m.Profile == profile)?.AliasOf;

    private static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = JsonWriting.To(buffer))
        {
            write(json);
        }

        return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, buffer.WrittenMemory);
    }

    // The server decodes everything in a path except escaped slashes.
    private static string IdOf(HttpContext context) =>
        (context.Request.RouteValues["id"] as string ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static void WriteList(Utf8JsonWriter json, ModelNames? names, DateTimeOffset startedAt, bool hasCatalog)
    {
        var created = startedAt.ToUnixTimeSeconds();
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        if (names is not null)
        {
            foreach (var model in names.Listing)
            {
                WriteModel(json, model, names.CapabilitiesOf(model.Profile), created);
            }
        }

        json.WriteEndArray();
        if (hasCatalog)
        {
            json.WriteStartArray("models");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // One page: has_more is never true (https://docs.anthropic.com/en/api/models-list).
    private static void WriteAnthropicList(Utf8JsonWriter json, ModelNames? names, DateTimeOffset startedAt)
    {
        json.WriteStartObject();
        json.WriteStartArray("data");
        foreach (var model in names?.Listing ?? [])
        {
            WriteAnthropicModel(json, model, startedAt);
        }

        json.WriteEndArray();
        json.WriteBoolean("has_more", false);
        json.WriteString("first_id", names?.Listing is [var first, ..] ? first.Id : null);
        json.WriteString("last_id", names?.Listing is [.., var last] ? last.Id : null);
        json.WriteEndObject();
    }

    private static void WriteAnthropicModel(Utf8JsonWriter json, ListedModel model, DateTimeOffset startedAt)
    {
        json.WriteStartObject();
        json.WriteString("type", "model");
        json.WriteString("id", model.Id);
        json.WriteString("display_name", model.Id);
        json.WriteString("created_at", startedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, ListedModel model, ModelCapabilities capabilities, long created)
    {
        json.WriteStartObject();
        json.WriteString("id", model.Id);
        json.WriteString("object", "model");
        json.WriteNumber("created", created);
        json.WriteString("owned_by", "meta-model");
        json.WriteNumber("max_model_len", capabilities.MaxModelLength);
        json.WriteStartObject("capabilities");
        json.WriteBoolean("vision", capabilities.Vision);
        json.WriteBoolean("video", capabilities.Video);
        json.WriteBoolean("audio", capabilities.Audio);
        json.WriteBoolean("function_calling", capabilities.FunctionCalling);
        json.WriteBoolean("effective_image_capability", capabilities.EffectiveImageCapability);
        json.WriteBoolean("supports_image_tools", capabilities.SupportsImageTools);
        json.WriteBoolean("thinking", capabilities.Thinking);
        json.WriteBoolean("reasoning_visible", capabilities.ReasoningVisible);
        json.WriteEndObject();
        if (model.AliasOf is { } profile)
        {
            json.WriteString("alias_of", profile);
        }

        json.WriteEndObject();
    }
}
