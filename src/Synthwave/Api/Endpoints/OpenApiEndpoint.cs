using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Json;

namespace Synthwave.Api.Endpoints;

/// <summary><c>GET /openapi.json</c>: the description that is part of the assembly, joined from the parts in the folder <c>OpenApi</c>.</summary>
internal static class OpenApiEndpoint
{
    private const string Resource = "Synthwave.Api.Endpoints.openapi.json";

    private static ReadOnlySpan<byte> ServerBegin => "\"servers\":[{\"url\":"u8;

    private static ReadOnlySpan<byte> Server => "\"servers\":[{\"url\":\"/\""u8;

    public static IEndpointRouteBuilder MapOpenApi(this IEndpointRouteBuilder routes)
    {
        var document = Read();
        routes.MapGet("/openapi.json", context => WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, Below(context.Request.PathBase, document))).WithTraits(RouteTraits.Open);
        return routes;
    }

    /// <summary>The document for a gateway below a path: its server is named with it.</summary>
    private static ReadOnlyMemory<byte> Below(PathString prefix, byte[] document)
    {
        if (!prefix.HasValue)
        {
            return document;
        }

        var at = document.AsSpan().IndexOf(Server);
        return (byte[])[.. document.AsSpan(0, at), .. ServerBegin, .. JsonText.Quote(prefix.ToUriComponent()), .. document.AsSpan(at + Server.Length)];
    }

    /// <summary>The document as it is sent.</summary>
    public static byte[] Read()
    {
        using var stream = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly was built without {Resource}.");
        var document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document.AsSpan().IndexOf(Server) < 0 ? throw new InvalidOperationException($"{Resource} does not name its server as expected.") : document;
    }
}
