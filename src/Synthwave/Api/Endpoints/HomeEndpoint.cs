using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.Net.Http.Headers;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Json;
using Synthwave.Telemetry.Conventions;

namespace Synthwave.Api.Endpoints;

/// <summary><c>GET /</c>: what this is and where things are, as a page for browsers, as JSON for programs. It says nothing about the configuration.</summary>
internal static class HomeEndpoint
{
    private static readonly (string Path, string Words)[] Links =
    [
        ("/v1/models", "what can be asked for"),
        ("/health", "whether it can answer"),
        ("/metrics", "what it did"),
        ("/openapi.json", "the API, described"),
    ];

    public static IEndpointRouteBuilder MapHome(this IEndpointRouteBuilder routes)
    {
        var (page, json) = (Page(""), Json(""));
        routes.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], context =>
        {
            var headers = context.Response.Headers;
            var prefix = context.Request.PathBase.ToUriComponent();
            headers.Append(HeaderNames.Vary, HeaderNames.Accept);
            if (!MetricsEndpoints.Prefers(context.Request.Headers.Accept, "text", "html"))
            {
                return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, WholeAnswer.Json, prefix.Length == 0 ? json : Json(prefix));
            }

            headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
            headers.XContentTypeOptions = "nosniff";
            return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", prefix.Length == 0 ? page : Page(prefix));
        }).WithTraits(RouteTraits.Open);
        return routes;
    }

    private static byte[] Page(string prefix)
    {
        var before = HtmlEncoder.Default.Encode(prefix);
        var list = string.Concat(Links.Select(l => $"<li><a href=\"{before}{l.Path}\"><code>{before}{l.Path}</code></a> {HtmlEncoder.Default.Encode(l.Words)}</li>\n"));
        return Encoding.UTF8.GetBytes($$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Synthwave</title>
            <style>
            :root { color-scheme: light dark; }
            body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
            code { font-family: ui-monospace, monospace; }
            </style>
            </head>
            <body>
            <h1>Synthwave</h1>
            <p>Several model endpoints behind one OpenAI-compatible address. Version {{HtmlEncoder.Default.Encode(GatewayVersion.Text)}}.</p>
            <p>Point a client's base URL at this address with <code>/v1</code> behind it; the Anthropic SDKs and Claude Code take it without.</p>
            <ul>
            {{list}}</ul>
            </body>
            </html>

            """);
    }

    private static ReadOnlyMemory<byte> Json(string prefix)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, "synthwave"u8);
            json.WriteString("version"u8, GatewayVersion.Text);
            json.WriteStartArray("links"u8);
            foreach (var (path, _) in Links)
            {
                json.WriteStringValue(prefix + path);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
