using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Lets a request pass when its route is open or when it shows the configured token as <c>Authorization: Bearer</c>, <c>x-api-key</c> or <c>api-key</c>; answers 401
/// otherwise. The comparison takes the same time whatever the token's content. The token is read once per configuration; a new configuration counts from the
/// next request on.
/// </summary>
internal sealed class BearerAuth(RequestDelegate next, Func<ServerConfig> server, TokenInForce token)
{
    private const int OnStack = 256;

    private static readonly GatewayError Missing = new(401, "missing_api_key", "No API key was given. Send it as 'Authorization: Bearer <key>'.") { Type = "invalid_request_error" };
    private static readonly GatewayError Invalid = new(401, "invalid_api_key", "The API key given is not valid here.") { Type = "invalid_request_error" };

    private volatile ExpectedToken? _expected;

    public Task InvokeAsync(HttpContext context)
    {
        var config = server();
        var expected = _expected;
        if (expected is null || !ReferenceEquals(expected.Source, config))
        {
            _expected = expected = ExpectedToken.Of(config, token);
        }

        return expected.Bytes is not { } bytes || RouteTraits.Of(context).IsOpen(context.Request.Path.Value, config)
            ? next(context)
            : Judge(context.Request.Headers, bytes) is { } error ? ErrorWriter.WriteAsync(context, error) : next(context);
    }

    /// <summary>Null = the request may pass. Any of the headers may carry the right token.</summary>
    private static GatewayError? Judge(IHeaderDictionary headers, byte[] token)
    {
        var given = false;
        foreach (var value in headers.Authorization)
        {
            if (BearerCredential.TryRead(value, out var credential))
            {
                given = true;
                if (IsToken(credential, token))
                {
                    return null;
                }
            }
        }

        return IsAnyToken(headers["x-api-key"], token, ref given) || IsAnyToken(headers["api-key"], token, ref given) ? null : given ? Invalid : Missing;
    }

    private static bool IsAnyToken(StringValues values, byte[] token, ref bool given)
    {
        foreach (var value in values)
        {
            var credential = value.AsSpan().Trim();
            given |= !credential.IsEmpty;
            if (IsToken(credential, token))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsToken(ReadOnlySpan<char> credential, byte[] token)
    {
        // Header bytes above 0x7F are never a token, however the server decoded them.
        if (credential.IsEmpty || !Ascii.IsValid(credential))
        {
            return false;
        }

        byte[]? rented = null;
        var bytes = credential.Length <= OnStack ? stackalloc byte[OnStack] : (rented = ArrayPool<byte>.Shared.Rent(credential.Length));
        Ascii.FromUtf16(credential, bytes, out var length);
        var same = CryptographicOperations.FixedTimeEquals(bytes[..length], token);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return same;
    }

    private sealed record ExpectedToken(ServerConfig Source, byte[]? Bytes)
    {
        public static ExpectedToken Of(ServerConfig config, TokenInForce token) =>
            new(config, token.Of(config) is { } text ? Encoding.UTF8.GetBytes(text) : null);
    }
}
