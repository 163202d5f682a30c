using System.Text.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>One item of a conversation.</summary>
/// <param name="Json">An object or a string; anything else is an error of the client's.</param>
/// <param name="Position">Its place in <c>input</c>; negative = it comes from an earlier turn.</param>
internal readonly record struct InputItem(JsonElement Json, int Position)
{
    /// <summary>As the client gave it: a reference where <see cref="Json"/> is what it refers to.</summary>
    public JsonElement Given { get; init; } = Json;

    /// <summary>What an item of an earlier turn goes by.</summary>
    public const int Earlier = -1;

    /// <summary>Where a client finds it in its request.</summary>
    public string Path => Position < 0 ? "previous_response_id" : $"input[{Position}]";
}
