using System.Buffers;
using System.Text.Json.Serialization.Metadata;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Configuration.Loading;
using Synthwave.Json;
using Synthwave.Routing;
using Synthwave.Telemetry.Journal;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Api.Endpoints.Admin;

/// <summary>
/// <c>/admin</c>: what runs, what ran, how the upstreams are and which configuration is in force. Reading only. Who may read is judged before it (<see cref="RouteAccess.Admin"/>).
/// Thread-safe.
/// </summary>
internal sealed class AdminEndpoints(RequestJournal journal, Func<GatewayRuntime> runtime, IHealthStates health, TimeProvider time)
{
    private static readonly byte[] Index =
        """{"paths":["/admin/live","/admin/requests","/admin/requests/{id}","/admin/upstreams","/admin/config"]}"""u8.ToArray();

    private static readonly GatewayError Unknown = new(
        404, "request_not_found", $"No such request is known. At most the last {RequestJournal.Size} are kept, of this process only; the id is that of the X-MetaModel-Request-Id header.") { Param = "id" };

    /// <param name="routes">Where to map.</param>
    /// <param name="listen">Where the process listens.</param>
    public void Map(IEndpointRouteBuilder routes, Func<IEnumerable<string>> listen)
    {
        Get(routes, "/admin", static http => WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, Index));
        Get(routes, "/admin/live", http => AnswerAsync(http, new LiveRequests(time.GetUtcNow(), journal.Live()), JournalJson.Default.LiveRequests));
        Get(routes, "/admin/requests", ListAsync);
        Get(routes, "/admin/requests/{id}", http => journal.Find((string)http.Request.RouteValues["id"]!) is { } entry
            ? AnswerAsync(http, entry, JournalJson.Default.JournalEntry)
            : ErrorWriter.WriteAsync(http, Unknown));
        Get(routes, "/admin/upstreams", http => AnswerAsync(http, Upstreams(), AdminJson.Default.UpstreamStatuses));
        Get(routes, "/admin/config", http => WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, Config(listen())));
    }

    private static void Get(IEndpointRouteBuilder routes, string path, RequestDelegate answer) => routes.MapGet(path, answer).WithTraits(RouteTraits.Admin);

    private static Task AnswerAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type) =>
        WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, JsonTyped.Write(value, type));

    private Task ListAsync(HttpContext http)
    {
        var (query, error) = RequestsQuery.Read(http.Request.Query);
        if (query is null)
        {
            return ErrorWriter.WriteAsync(http, error!); // There is no query because there is an error.
        }

        // One more than asked for tells whether there are more.
        var found = journal.Finished(query.Filter, query.Limit + 1);
        found = [.. found.Select(static e => e.WithoutContent())];
        var page = found.Length > query.Limit ? new JournalPage(found[..query.Limit], found[query.Limit - 1].Sequence) : new JournalPage(found, null);
        return AnswerAsync(http, page, JournalJson.Default.JournalPage);
    }

    private ReadOnlyMemory<byte> Config(IEnumerable<string> listen)
    {
        var config = runtime().Config;
        var output = new ArrayBufferWriter<byte>(8192);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            if (config.SourcePath is { } path)
            {
                json.WriteText("file"u8, path);
            }

            json.WriteStartArray("listen");
            foreach (var url in listen)
            {
                json.WriteStringValue(url);
            }

            json.WriteEndArray();
            EffectiveConfigJson.Write(json, config);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>How the upstreams are now.</summary>
    public UpstreamStatuses Upstreams()
    {
        var states = health.Current.ToDictionary(static h => h.Upstream, static h => h.State, StringComparer.Ordinal);
        return new(time.GetUtcNow(), [.. runtime().Upstreams.All.Select(u => UpstreamStatus.Of(u, states.GetValueOrDefault(u.Config.Name, HealthState.Unknown), time))]);
    }
}
