using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;
using Synthwave.Routing;
using Synthwave.Routing.Names;

namespace Synthwave.Api.Dialects;

/// <summary>Which model a request of another dialect means, judged before its body is translated.</summary>
internal static class DialectModel
{
    /// <summary>
    /// Null = the name can be dispatched, or is of a type the schema will refuse. Otherwise <c>missing_model</c>, <c>model_not_found</c> or
    /// <c>feature_disabled</c>, each with param <c>model</c>.
    /// </summary>
    public static GatewayError? Check(JsonElement root, GatewayRuntime runtime)
    {
        if (ProfileOf(root) is { } profile)
        {
            return Resolve(profile, runtime);
        }

        if (!root.TryGet("model"u8, out var model) || IsFalsy(model))
        {
            return GatewayError.BadRequest("missing_model", "model is required: name the profile that should answer.", "model");
        }

        return model.TryGetText(out var name) ? Resolve(name, runtime) : null;
    }

    /// <summary>The name that decides who answers; empty = there is none.</summary>
    public static string TargetOf(JsonElement root) => ProfileOf(root) ?? (root.Has("model"u8, out var model) && model.TryGetText(out var name) ? name : "");

    private static string? ProfileOf(JsonElement root) =>
        root.Has("x_meta_model"u8, JsonValueKind.Object, out var extension)
        && extension.Has("profile"u8, out var profile) && profile.TryGetText(out var name) && name.Length > 0 ? name : null;

    private static GatewayError? Resolve(string name, GatewayRuntime runtime) => runtime.Names.Resolve(name) switch
    {
        NameMatch.NotFound => ProfileDispatcher.ModelNotFound(name) with { Type = "invalid_request_error" },
        NameMatch.VotingDisabled voting => ProfileDispatcher.VotingDisabled(voting.Profile.Name) with { Param = "model" },
        _ => null,
    };

    private static bool IsFalsy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.String => value.Raw().Length == 2,
        JsonValueKind.Number => value.TryGetDouble(out var number) && number == 0,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        _ => false,
    };
}
