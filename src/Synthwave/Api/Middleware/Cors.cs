using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Configuration;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Answers every OPTIONS and tells browsers which origins may read: without a token "all" are those of this machine. Headers are set before the request goes on, so that errors
/// carry them too.
/// The list of readable headers is sent only where the request names an origin, since only browsers look at it.
/// </summary>
internal sealed class Cors(RequestDelegate next, Func<ServerConfig> server, TokenInForce token)
{
    private static readonly StringValues AnyOrigin = "*";
    private static readonly StringValues VaryOrigin = "Origin";
    private static readonly StringValues DefaultRequestHeaders = "authorization, content-type";
    private static readonly StringValues MaxAge = "86400";
    private static readonly StringValues Exposed = string.Join(", ", ReportHeaders.Exposed);

    private volatile Policy? _policy;

    public Task InvokeAsync(HttpContext context)
    {
        var config = server();
        var policy = _policy;
        if (policy is null || !ReferenceEquals(policy.Source, config))
        {
            _policy = policy = Policy.Of(config, isOpen: token.Of(config) is null);
        }

        var headers = context.Response.Headers;
        var origin = context.Request.Headers.Origin;
        var allowed = RouteTraits.Of(context).IsAdmin ? StringValues.Empty : policy.Allows(origin);
        if (!StringValues.IsNullOrEmpty(allowed))
        {
            headers.AccessControlAllowOrigin = allowed;
            if (!StringValues.IsNullOrEmpty(origin))
            {
                headers.AccessControlExposeHeaders = Exposed;
            }
        }

        headers.Vary = VaryOrigin;
        return HttpMethods.IsOptions(context.Request.Method) ? Preflight(context, !StringValues.IsNullOrEmpty(allowed)) : next(context);
    }

    private static Task Preflight(HttpContext context, bool allowed)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        if (allowed)
        {
            var headers = context.Response.Headers;
            var wanted = context.Request.Headers.AccessControlRequestHeaders;
            headers.AccessControlAllowMethods = RouteTraits.Of(context).CorsMethods;
            headers.AccessControlAllowHeaders = IsEchoable(wanted) ? wanted : DefaultRequestHeaders;
            headers.AccessControlMaxAge = MaxAge;
        }

        return Task.CompletedTask;
    }

    // Kestrel refuses to send anything but visible ASCII and blanks.
    private static bool IsEchoable(StringValues wanted) =>
        wanted.Count == 1 && wanted[0] is { Length: > 0 } text && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !string.IsNullOrWhiteSpace(text);

    /// <param name="Source">The configuration it was made of.</param>
    /// <param name="Any">Whether every origin may read.</param>
    /// <param name="AnyOfThisMachine">Whether every page of this machine may.</param>
    /// <param name="Origins">Those that are named.</param>
    private sealed record Policy(ServerConfig Source, bool Any, bool AnyOfThisMachine, FrozenDictionary<string, StringValues> Origins)
    {
        public static Policy Of(ServerConfig config, bool isOpen)
        {
            var any = config.CorsAllowOrigins.Contains("*");
            return new(
                config,
                any && !isOpen,
                any && isOpen,
                config.CorsAllowOrigins
                    .Where(o => o.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && (!isOpen || OpenDoor.Admits(o, config)))
                    .Distinct(StringComparer.Ordinal)
                    .ToFrozenDictionary(o => o, o => new StringValues(o), StringComparer.Ordinal));
        }

        public StringValues Allows(StringValues origin) =>
            Any ? AnyOrigin
            : origin is not [{ } one] ? StringValues.Empty
            : Origins.TryGetValue(one, out var allowed) ? allowed
            : AnyOfThisMachine && LocalNames.IsLoopbackOrigin(one) && IsEchoable(origin) ? origin
            : StringValues.Empty;
    }
}
