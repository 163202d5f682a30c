using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Synthwave.TestKit;

/// <summary>Chat calls as a client makes them.</summary>
public static class ChatCall
{
    /// <summary>JSON text with one user message. <paramref name="more"/> is spliced in as further members, for example <c>"temperature":1</c>.</summary>
    public static string Body(string model, string prompt = "Hello", bool stream = false, bool usage = false, string? more = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"model\":{Quote(model)},\"messages\":[{{\"role\":\"user\",\"content\":{Quote(prompt)}}}]{(stream ? ",\"stream\":true" : "")}{(usage ? ",\"stream_options\":{\"include_usage\":true}" : "")}{(more is null ? "" : "," + more)}}}");

    public static StringContent Content(string json) => new(json, Encoding.UTF8, "application/json");

    /// <summary>Sends a chat call and returns with the head. <paramref name="baseUrl"/> ends in <c>/v1</c>. The caller disposes the response.</summary>
    public static async Task<HttpResponseMessage> PostChatAsync(this HttpClient client, string baseUrl, string body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{baseUrl}/chat/completions")) { Content = Content(body) };
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
