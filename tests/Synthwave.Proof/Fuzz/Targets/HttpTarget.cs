using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Api.Admission;
using Synthwave.Api.Dialects;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Api.Endpoints;
using Synthwave.Api.Middleware;
using Synthwave.Chat.Memory;
using Synthwave.Hosting;
using Synthwave.TestKit;
using Synthwave.Upstreams.Calls;

namespace Synthwave.Proof.Fuzz.Targets;

/// <summary>
/// A request as the gateway's own readers see it once the server has taken it: the path, the headers that are read, the body with its encodings, and the body in every dialect. The input is
/// lines of <c>name: value</c>, the first one the path, then an empty line and the body.
/// </summary>
internal sealed class HttpTarget : IFuzzTarget, IDisposable
{
    private const int LargestBody = 256 * 1024;

    private readonly TestGateway _gateway = FuzzGateway.Start();
    private readonly RuntimeHost _host;
    private readonly RouteSpelling _spelling;
    private readonly IReadOnlyList<IDialect> _dialects;

    public HttpTarget()
    {
        _host = _gateway.Services.GetRequiredService<RuntimeHost>();
        _spelling = new RouteSpelling(static _ => Task.CompletedTask, _gateway.Services.GetRequiredService<EndpointDataSource>());
        _dialects = [new ChatDialect(), new ResponsesDialect(_gateway.Services.GetRequiredService<ResponseStore>(), TimeProvider.System), new MessagesDialect()];
    }

    public string Name => "http";

    public IReadOnlyList<string> Words { get; } =
    [
        "/v1/", "/v1/chat/completions", "/openai", "//", "%2f", "\n", "\n\n", "content-encoding: ", "gzip", "br", "deflate", "zstd", ",", "authorization: Bearer ", "x-api-key: ", "content-type: ", "application/json", "+json", ";", "accept: ", "text/plain;q=", "retry-after: ", "retry-after-ms: ", "1e9", "{", "}", "[", "]", "\"model\":\"a\"", "\"input\":[", "\"messages\":[",
        "\"type\":\"function_call\"", "\"type\":\"function_call_output\"", "\"type\":\"message\"", "\"type\":\"custom\"", "\"type\":\"namespace\"", "\"type\":\"item_reference\"", "\"call_id\":\"c\"", "\"type\":\"tool_use\"", "\"type\":\"tool_result\"", "\"type\":\"thinking\"", "\"type\":\"document\"", "\"type\":\"image\"", "\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"",
        "\"system\":[", "\"tools\":[", "\"tool_choice\":", "\"name\":\"f\"", "\"input_schema\":{", "\"content\":", "\"role\":\"user\"", "\"role\":\"assistant\"", "\"max_tokens\":1", "\\ud83d", "null",
    ];

    public string Read(byte[] input)
    {
        var end = input.AsSpan().IndexOf("\n\n"u8);
        var head = Encoding.Latin1.GetString(end < 0 ? input : input.AsSpan(0, end)).Split('\n');
        var body = end < 0 ? ReadOnlyMemory<byte>.Empty : input.AsMemory(end + 2);
        var said = new StringBuilder(_spelling.Rewrite("/" + head[0].TrimStart('/')) ?? "as it is");
        var request = new DefaultHttpContext().Request;
        var headers = request.Headers;
        foreach (var line in head.Skip(1).Select(static l => l.Split(':', 2)).Where(static p => p.Length == 2 && p[0].Length > 0))
        {
            headers.Append(line[0].ToLowerInvariant(), line[1].Trim());
        }

        said.Append('|').Append(BearerCredential.TryRead(headers.Authorization, out var credential) ? Math.Min(credential.Length, 3) : -1)
            .Append(RequestBody.IsJson(request) ? " json" : "")
            .Append(MetricsEndpoints.Preferred(headers.Accept) is { } format ? $" {format}" : "")
            .Append(Rest(headers) is { } rest ? $" rest {rest.TotalSeconds:0}" : "");
        // Nothing here waits: the data is there, and the memory is not counted.
        var (decoded, error) = ContentDecoding.DecodeAsync(body.ToArray(), headers.ContentEncoding, LargestBody, MemoryShare.Uncounted, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (error is not null)
        {
            return said.Append('|').Append(Outcome.Shape(error.Message)).ToString();
        }

        foreach (var dialect in _dialects)
        {
            var reading = dialect.Read(decoded, _host.Current, "req_1");
            said.Append('|').Append(reading.Error is { } refusal ? Outcome.Shape(refusal.Message) : "request");
        }

        var count = MessagesDialect.ReadForCount(decoded, _host.Current);
        return said.Append('|').Append(count.Error is null).ToString();
    }

    public void Dispose() => FuzzGateway.Stop(_gateway);

    private static TimeSpan? Rest(IHeaderDictionary headers)
    {
        using var response = new HttpResponseMessage();
        foreach (var (name, values) in headers.Where(static h => h.Key.StartsWith("retry-after", StringComparison.Ordinal)))
        {
            response.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values.Select(static v => v ?? ""));
        }

        return RetryAfterHeader.Read(response.Headers, DateTimeOffset.UnixEpoch);
    }
}
