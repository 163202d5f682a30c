using System.Text.Json;
using Synthwave.Api.Answers;
using Synthwave.Api.Endpoints;
using Synthwave.Telemetry.Conventions;

namespace Synthwave.UnitTests.Api;

public class OpenApiTests
{
    private static readonly JsonElement Document = JsonDocument.Parse(OpenApiEndpoint.Read()).RootElement;

    [Fact]
    public void It_names_product_and_version()
    {
        Document.GetProperty("openapi").GetString().Should().StartWith("3.");
        Document.GetProperty("info").GetProperty("title").GetString().Should().Be("meta-model");
        Document.GetProperty("info").GetProperty("version").GetString().Should().Be(GatewayVersion.Text);
    }

    [Fact]
    public void It_describes_every_route() =>
        Document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name} {p.Name}")).Should().BeEquivalentTo(
        [
            "post /v1/chat/completions", "post /v1/completions", "post /v1/responses", "get /v1/responses/{id}", "delete /v1/responses/{id}", "get /v1/responses/{id}/input_items", "post /v1/responses/input_tokens", "post /v1/messages", "post /v1/messages/count_tokens",
            "post /v1/embeddings", "post /tokenize", "get /v1/models", "get /v1/models/{id}",
            "get /healthz", "head /healthz", "get /health", "get /v1/health", "get /metrics", "get /v1/metrics/moa", "get /openapi.json",
        ]);

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var references = References(Document).Distinct().ToArray();

        references.Should().HaveCountGreaterThan(40);
        references.Should().AllSatisfy(r => Resolve(r).Should().BeTrue(r));
    }

    [Fact]
    public void Every_component_is_used_and_every_operation_has_its_own_id()
    {
        var used = References(Document).ToHashSet(StringComparer.Ordinal);
        var components = Document.GetProperty("components").EnumerateObject()
            .Where(kind => kind.Name != "securitySchemes")
            .SelectMany(kind => kind.Value.EnumerateObject().Select(c => $"#/components/{kind.Name}/{c.Name}"));

        components.Should().BeSubsetOf(used);
        Document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()).Select(o => o.Value.GetProperty("operationId").GetString()).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Every_header_browsers_may_read_is_described() =>
        Document.GetProperty("components").GetProperty("headers").EnumerateObject().Select(h => h.Name).Should().BeEquivalentTo(ReportHeaders.Exposed.Except(["Allow"]));

    [Fact]
    public void Every_error_status_has_the_envelope() =>
        Document.GetProperty("components").GetProperty("responses").EnumerateObject().Should().AllSatisfy(r =>
            r.Value.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString().Should().Be("#/components/schemas/Error"));

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p =>
            p is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static bool Resolve(string reference)
    {
        var at = Document;
        return reference.Split('/').Skip(1).All(step => at.TryGetProperty(step, out at));
    }
}
