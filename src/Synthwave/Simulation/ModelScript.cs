using System.Collections.Immutable;

namespace Synthwave.Simulation;

/// <summary>A model with what changes from call to call: how many there were, and whose turn it is. Thread-safe.</summary>
internal sealed class ModelScript(SimulatedModel model)
{
    private readonly ImmutableArray<PreparedAnswer> _prepared =
        model.Responder is not null ? [] : [.. model.Texts.Select(t => PreparedAnswer.From(model, new SimulatedAnswer { Text = t }))];

    private long _calls;

    public SimulatedModel Model { get; } = model;

    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>The answer to the next call, and the fault that strikes it.</summary>
    public (PreparedAnswer Answer, SimulatedFault? Fault) Next(ChatCallFacts facts, ReadOnlyMemory<byte> body, IHeaderDictionary headers)
    {
        var call = Interlocked.Increment(ref _calls);
        var answer = Model.Responder is { } responder
            ? PreparedAnswer.From(Model, responder(new SimulatedRequest(facts, body, headers, call)))
            : _prepared[(int)((call - 1) % _prepared.Length)];
        var fault = answer.Fault ?? (Model.Fault is { } own && own.Strikes(call) ? own : null);
        return (answer.Capped(facts.MaxTokens), fault);
    }
}
