using Synthwave.Configuration.Schema;

namespace Synthwave.Simulation;

/// <summary>The keys of a simulation file.</summary>
internal static class SimulationKeys
{
    public static readonly ChoiceKey<SimulatedFaultKind> Kind = new(
        "kind",
        "how the model fails",
        ("refuse", SimulatedFaultKind.Refuse),
        ("status", SimulatedFaultKind.Status),
        ("stall", SimulatedFaultKind.Stall),
        ("reset", SimulatedFaultKind.Reset),
        ("trickle", SimulatedFaultKind.Trickle),
        ("endless", SimulatedFaultKind.Endless),
        ("bad_json", SimulatedFaultKind.BadJson),
        ("bad_sse", SimulatedFaultKind.BadSse),
        ("wrong_type", SimulatedFaultKind.WrongType),
        ("empty", SimulatedFaultKind.Empty),
        ("empty_body", SimulatedFaultKind.EmptyBody),
        ("invalid_utf8", SimulatedFaultKind.InvalidUtf8),
        ("redirect", SimulatedFaultKind.Redirect),
        ("early_close", SimulatedFaultKind.EarlyClose),
        ("huge", SimulatedFaultKind.Huge),
        ("json_for_stream", SimulatedFaultKind.JsonForStream),
        ("wrong_length", SimulatedFaultKind.WrongLength));

    public static readonly IntegerKey Status = new("status", "HTTP status of the kinds status and redirect", 300, 599);
    public static readonly IntegerKey RetryAfter = new("retry_after", "seconds a client is asked to wait, for the kind status", 0, 86_400);
    public static readonly IntegerKey AfterTokens = new("after_tokens", "tokens that leave before the fault", 0);
    public static readonly IntegerKey Every = new("every", "each so-manieth call fails", 1);
    public static readonly IntegerKey First = new("first", "only among the first so many calls", 1);
    public static readonly TableSchema FaultSchema = new("a fault", Kind, Status, RetryAfter, AfterTokens, Every, First);

    public static readonly TextKey CallName = new("name", "the function called") { NotEmpty = true };
    public static readonly TextKey CallId = new("id", "the call's id; numbered when left out");
    public static readonly TextKey ArgumentsText = new("arguments", "JSON text, or a table that is turned into JSON");
    public static readonly TableKey ArgumentsTable = new("arguments", "JSON text, or a table that is turned into JSON");
    public static readonly TableSchema CallSchema = new("a tool call", CallName, ArgumentsText, CallId);

    public static readonly IntegerKey PromptTokens = new("prompt_tokens", "tokens reported for the prompt", 0);
    public static readonly IntegerKey CompletionTokens = new("completion_tokens", "tokens reported for the answer", 0);
    public static readonly TableSchema UsageSchema = new("usage", PromptTokens, CompletionTokens);

    public static readonly TextKey Text = new("text", "the answer to every call");
    public static readonly TextListKey Texts = new("texts", "the answers, in turn");
    public static readonly TextKey Reasoning = new("reasoning", "sent as reasoning_content before the answer");
    public static readonly TableListKey ToolCalls = new("tool_calls", "function calls in the answer");
    public static readonly TableKey Usage = new("usage", "tokens reported instead of counted ones", UsageSchema);
    public static readonly IntegerKey FirstTokenMs = new("first_token_ms", "milliseconds to the first token", 0, 86_400_000);
    public static readonly NumberKey TokensPerSec = new("tokens_per_sec", "rate after the first token; 0 = at once", new NumberRange(0, 1_000_000));
    public static readonly FlagKey Listed = new("listed", "whether the catalog names the model");
    public static readonly TableKey Fault = new("fault", "how and when the model fails", FaultSchema);

    public static readonly TableSchema Model = new(
        "[models.…]", Text, Texts, Reasoning, ToolCalls, Usage, FirstTokenMs, TokensPerSec, Listed, Fault);

    public static readonly TableKey Models = new("models", "simulated models by id");
    public static readonly TableSchema Root = new("the top level", Models);
}

/// <summary>A key holding a list of tables.</summary>
internal sealed class TableListKey(string name, string meaning) : ConfigKey(name, meaning)
{
    public override string Expects => "a list of tables";
}
