using System.Security.Cryptography;
using System.Text;
using Synthwave.Api.Answers;

namespace Synthwave.Api.Pages;

/// <summary>
/// The frame of a page: one document with its style and its script in it, which are the only ones its browser runs, since the policy names them by their hashes. It loads
/// nothing from elsewhere. Immutable and thread-safe.
/// </summary>
/// <remarks>https://www.w3.org/TR/CSP3/#framework-directive-source-list</remarks>
internal sealed class WebPage
{
    private const string Icon = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 8q3.5-9 7 0t7 0' fill='none' stroke='%238a4dff' stroke-width='2'/%3E%3C/svg%3E";

    private readonly string _before;
    private readonly string _after;
    private readonly string _policy;
    private readonly string _caching;

    /// <param name="title">Shown by browsers; markup is not escaped.</param>
    /// <param name="style">The whole style sheet.</param>
    /// <param name="script">The whole script.</param>
    /// <param name="readsOwnOrigin">Whether the script may ask this gateway for something.</param>
    /// <param name="caching">The value of <c>Cache-Control</c>.</param>
    public WebPage(string title, string style, string script, bool readsOwnOrigin, string caching)
    {
        _before = $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title}</title>
            <link rel="icon" href="{Icon}">
            <style>{style}</style>
            </head>
            <body>

            """;
        _after = $"""
            <script>{script}</script>
            </body>
            </html>

            """;
        _policy = $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; img-src data:; {(readsOwnOrigin ? "connect-src 'self'; " : "")}base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        _caching = caching;
    }

    /// <summary>Sends the page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">What stands in it, as markup: the caller has escaped what is not its own.</param>
    public Task WriteAsync(HttpContext context, string body)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = _policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = _caching;
        return WholeAnswer.WriteAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(_before + body + _after));
    }

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
