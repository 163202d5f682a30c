using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Routing;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Admission;

/// <summary>
/// Reads off a request's headers who sends it, and what upstreams are to hear of its sender: nothing, unless the configuration asks for it.
/// </summary>
internal static class CallerReader
{
    /// <summary>Longest key and longest forwarded value, characters.</summary>
    public const int MaxLength = 4096;

    /// <param name="headers">The request's, which has passed authentication.</param>
    /// <param name="runtime">Says what is wanted.</param>
    /// <param name="token">The gateway's own, which is nobody's key; null = it has none.</param>
    /// <param name="adminToken">That of <c>/admin</c>, which is nobody's key either; null = it has none.</param>
    /// <param name="report">Is told of headers that cannot be passed on.</param>
    public static Caller Read(IHeaderDictionary headers, GatewayRuntime runtime, string? token, byte[]? adminToken, DispatchReport report)
    {
        var server = runtime.Config.Server;
        var owner = CredentialPrint.Of(headers);
        return server.ForwardHeaders.IsEmpty && !runtime.TakesCallersKeys
            ? owner is null ? Caller.Unknown : new Caller { Owner = owner }
            : new Caller
            {
                Owner = owner,
                Key = runtime.TakesCallersKeys ? KeyIn(headers, token, adminToken) : null,
                Headers = [.. Forwarded(headers, server.ForwardHeaders, report)],
            };
    }

    private static Secret? KeyIn(IHeaderDictionary headers, string? token, byte[]? adminToken)
    {
        foreach (var value in headers.Authorization)
        {
            if (BearerCredential.TryRead(value, out var credential) && IsKey(credential, token, adminToken))
            {
                return new Secret(credential.ToString());
            }
        }

        return KeyIn(headers["x-api-key"], token, adminToken) ?? KeyIn(headers["api-key"], token, adminToken);
    }

    private static Secret? KeyIn(StringValues values, string? token, byte[]? adminToken)
    {
        foreach (var value in values)
        {
            var credential = value.AsSpan().Trim();
            if (IsKey(credential, token, adminToken))
            {
                return new Secret(credential.ToString());
            }
        }

        return null;
    }

    // How long the comparison with the clients' token takes tells nobody anything: who does not know it has not come this far. With the admin token it always takes the same.
    private static bool IsKey(ReadOnlySpan<char> credential, string? token, byte[]? adminToken) =>
        credential.Length is > 0 and <= MaxLength && !credential.SequenceEqual(token) && credential.IndexOfAnyExceptInRange('!', '~') < 0
        && (adminToken is null || !ShownToken.IsToken(credential, adminToken));

    private static IEnumerable<KeyValuePair<string, Secret>> Forwarded(IHeaderDictionary headers, ImmutableArray<string> names, DispatchReport report)
    {
        foreach (var name in names)
        {
            if (headers.TryGetValue(name, out var values) && values.ToString().Trim() is { Length: > 0 } value)
            {
                if (value.Length <= MaxLength && value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
                {
                    yield return KeyValuePair.Create(name, new Secret(value));
                }
                else
                {
                    report.Ignore(name);
                }
            }
        }
    }
}
