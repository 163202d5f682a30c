using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Json;

namespace Synthwave.Api.Endpoints;

/// <summary><c>GET /openapi.json</c>: the hand-written description that is part of the assembly.</summary>
internal static class OpenApiEndpoint
{
    private const string Resource = "Synthwave.Api.Endpoints.openapi.json";

    public static IEndpointRouteBuilder MapOpenApi(this IEndpointRouteBuilder routes)
    {
        var document = Read();
        routes.MapGet("/openapi.json", context => WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, Below(context.Request.PathBase, document))).WithTraits(RouteTraits.Open);
        return routes;
    }

    /// <summary>The document for a gateway below a path: without a server named its paths would count from the host.</summary>
    private static ReadOnlyMemory<byte> Below(PathString prefix, byte[] document) => prefix.HasValue
        ? (byte[])[.. "{\"servers\":[{\"url\":"u8, .. JsonText.Quote(prefix.ToUriComponent()), .. "}],"u8, .. document.AsSpan(document.AsSpan().IndexOf((byte)'{') + 1)]
        : document;

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
