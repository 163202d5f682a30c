using Synthwave.Api.Pages;
using Synthwave.Api.Routes;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// <c>GET /docs</c>: a page that draws <c>/openapi.json</c>. Its reader is part of the assembly, a few kilobytes, and needs no network but this gateway; it tells no more than
/// the description does, which is open too.
/// </summary>
internal static class DocsEndpoint
{
    public static IEndpointRouteBuilder MapDocs(this IEndpointRouteBuilder routes)
    {
        var page = new WebPage("Synthwave API", PageText.Read("docs.css"), PageText.Read("docs.js"), readsOwnOrigin: true, "no-cache");
        var body = PageText.Read("docs.html");
        routes.MapMethods("/docs", [HttpMethods.Get, HttpMethods.Head], context => page.WriteAsync(context, body)).WithTraits(RouteTraits.Open);
        return routes;
    }
}
