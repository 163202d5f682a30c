using Synthwave.Api.Answers;
using Synthwave.Api.Routes;

namespace Synthwave.Api.Endpoints;

/// <summary><c>GET /openapi.json</c>: the hand-written description that is part of the assembly.</summary>
internal static class OpenApiEndpoint
{
    private const string Resource = "Synthwave.Api.Endpoints.openapi.json";

    public static IEndpointRouteBuilder MapOpenApi(this IEndpointRouteBuilder routes)
    {
        var document = Read();
        routes.MapGet("/openapi.json", context => WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, document)).WithTraits(RouteTraits.Open);
        return routes;
    }

    /// <summary>The document as it is sent.</summary>
    public static byte[] Read()
    {
        using var stream = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly was built without {Resource}.");
        var document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document;
    }
}
