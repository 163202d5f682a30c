using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>A request a <see cref="SimulatedServer"/> received. Safe to read while the request is still being answered.</summary>
internal sealed class RecordedRequest
{
    private readonly TaskCompletionSource<DateTimeOffset> _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required string Method { get; init; }

    /// <summary>Path and query.</summary>
    public required string Path { get; init; }

    /// <summary>Names ignoring case; several values are joined by commas.</summary>
    public required FrozenDictionary<string, string> Headers { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The model asked for; empty when the request names none.</summary>
    public required string Model { get; init; }

    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    public JsonElement Json => JsonReading.Element(Body.Span);

    /// <summary>Completes with the time at which the client went away before its answer was complete. Never completes otherwise.</summary>
    public Task<DateTimeOffset> Aborted => _aborted.Task;

    /// <summary>Completes when the server is done with the request, whichever way.</summary>
    public Task Ended => _ended.Task;

    internal void MarkAborted(DateTimeOffset at) => _aborted.TrySetResult(at);

    internal void MarkEnded() => _ended.TrySetResult();
}
