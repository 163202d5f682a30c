using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Synthwave.IntegrationTests.Agents;

/// <summary>One request of an agent. <paramref name="Given"/> are the ids in the answer it got; later requests may name them.</summary>
internal sealed partial record RecordedTurn(string Path, ImmutableDictionary<string, string> Headers, JsonElement Body, ImmutableArray<string> Given)
{
    public static RecordedTurn Read(JsonElement request) => new(
        request.GetProperty("path").GetString()!,
        request.GetProperty("headers").EnumerateObject().ToImmutableDictionary(header => header.Name, header => header.Value.GetString()!),
        request.GetProperty("body").Clone(),
        [.. request.GetProperty("given").EnumerateArray().Select(id => id.GetString()!)]);

    /// <summary>The request for another model. <paramref name="ids"/> leads from the recorded ids to those of this run.</summary>
    public HttpRequestMessage For(string model, IReadOnlyDictionary<string, string> ids)
    {
        var body = JsonNode.Parse(Ids().Replace(Body.GetRawText(), id => ids.GetValueOrDefault(id.Value, id.Value)))!;
        body["model"] = model;
        var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>The ids of an answer in the order of their first appearance.</summary>
    public static IEnumerable<string> IdsOf(string answer) => Ids().Matches(answer).Select(match => match.Value).Distinct();

    [GeneratedRegex(@"\b(resp|msg|fc|rs|ctc)_[0-9a-f]{24}\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Ids();
}
