using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Configuration;
using Synthwave.Hosting;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Logging;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api;

public class OpenApiTests
{
    private static readonly JsonElement Document = ApiDescription.Document;

    [Fact]
    public void It_names_product_and_version()
    {
        Document.GetProperty("openapi").GetString().Should().StartWith("3.");
        Document.GetProperty("info").GetProperty("title").GetString().Should().Be("meta-model");
        Document.GetProperty("info").GetProperty("version").GetString().Should().Be(GatewayVersion.Text);
    }

    [Fact]
    public async Task It_describes_every_route_and_nothing_else()
    {
        using var log = new MemoryStream();
        await using var app = GatewayApp.Build(new GatewayOptions { Config = new GatewayConfig(), Urls = [], Log = new JsonLogOutput(log, TimeProvider.System) });

        var mapped =
            from route in ((IEndpointRouteBuilder)app).DataSources.SelectMany(d => d.Endpoints).Cast<RouteEndpoint>()
            where !route.Metadata.GetMetadata<RouteTraits>()!.OnlyRefuses
            from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            select $"{method.ToLowerInvariant()} {route.RoutePattern.RawText!.Replace("**", "", StringComparison.Ordinal).Replace(":minlength(1)", "", StringComparison.Ordinal)}";
        ApiDescription.Operations.Select(o => $"{o.Method} {o.Path}").Should().BeEquivalentTo(mapped.Distinct());
    }

    [Fact]
    public void Open_routes_are_described_to_need_no_token() =>
        ApiDescription.Operations.Where(o => o.Operation.TryGetProperty("security", out var ways) && ways.GetArrayLength() == 0).Select(o => o.Path).Distinct()
            .Should().BeEquivalentTo("/healthz", "/health", "/v1/health", "/openapi.json", "/metrics", "/docs", "/");

    [Fact]
    public void Every_example_is_as_its_schema_says()
    {
        var examples = Examples(Document).ToArray();

        examples.Should().HaveCountGreaterThan(15);
        examples.Should().AllSatisfy(e => ApiDescription.Problems(e.Schema, e.Value).Should().BeEmpty(e.Value.GetRawText()));
    }

    [Fact]
    public void A_body_that_is_not_as_described_is_found_out()
    {
        var request = Document.GetProperty("components").GetProperty("schemas").GetProperty("ChatRequest");

        ApiDescription.Problems(request, JsonElement.Parse("""{"model":"m","messages":[]}""")).Should().NotBeEmpty();
        ApiDescription.Problems(request, JsonElement.Parse("""{"model":"m","messages":[{"role":"user","content":3}]}""")).Should().NotBeEmpty();
        ApiDescription.Problems("/v1/models", "get", 200, "application/json", JsonElement.Parse("""{"object":"list","data":[{"id":"m"}]}""")).Should().NotBeEmpty();
        ApiDescription.Problems("/v1/models", "get", 418, "application/json", JsonElement.Parse("{}")).Should().ContainSingle().Which.Should().Contain("418");
    }

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
        Document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()).Where(o => o.Name != "parameters").Select(o => o.Value.GetProperty("operationId").GetString()).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Every_header_browsers_may_read_is_described() =>
        Document.GetProperty("components").GetProperty("headers").EnumerateObject().Select(h => h.Name).Should().BeEquivalentTo(ReportHeaders.Exposed.Except(["Allow"]));

    [Fact]
    public void Every_error_status_has_the_envelope_of_its_API() =>
        ApiDescription.Operations.SelectMany(o => o.Operation.GetProperty("responses").EnumerateObject().Where(r => r.Name[0] >= '4' && !o.Path.EndsWith("/health", StringComparison.Ordinal)).Select(r => (o.Path, Response: ApiDescription.Resolved(r.Value))))
            .Should().HaveCountGreaterThan(60).And.AllSatisfy(r =>
                r.Response.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()
                    .Should().Be(r.Path.StartsWith("/v1/messages", StringComparison.Ordinal) ? "#/components/schemas/MessagesError" : "#/components/schemas/Error", r.Path));

    private static IEnumerable<(JsonElement Schema, JsonElement Value)> Examples(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.Array)
        {
            return element.EnumerateArray().SelectMany(Examples);
        }

        if (element.ValueKind is not JsonValueKind.Object)
        {
            return [];
        }

        var here = element.TryGetProperty("schema", out var schema) && element.TryGetProperty("examples", out var examples) && examples.ValueKind is JsonValueKind.Object
            ? examples.EnumerateObject().Select(e => (schema, e.Value.GetProperty("value")))
            : element.TryGetProperty("example", out var example) && element.TryGetProperty("type", out _) ? [(element, example)] : [];
        return here.Concat(element.EnumerateObject().SelectMany(m => Examples(m.Value)));
    }

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
