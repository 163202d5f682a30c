using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>Requests at any path of a scenario's gateway.</summary>
internal static class DoorCalls
{
    public static async Task<(HttpResponseMessage Response, JsonElement Body)> PostAsync(this GatewayScenario scenario, string path, string body)
    {
        var response = await scenario.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        return (response, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public static async Task<(HttpResponseMessage Response, SseCapture Stream)> PostStreamAsync(this GatewayScenario scenario, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var response = await scenario.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (response, await SseCapture.ReadAsync(response));
    }

    public static string Header(this HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";

    /// <summary>Reads a value by a path such as <c>choices[0].text</c>.</summary>
    public static JsonElement At(this JsonElement json, string path)
    {
        foreach (var step in path.Split('.', '[').Select(s => s.TrimEnd(']')))
        {
            json = int.TryParse(step, out var index) ? json[index] : json.GetProperty(step);
        }

        return json;
    }
}
