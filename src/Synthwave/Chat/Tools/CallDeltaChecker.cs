using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Events;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>
/// Follows the calls of one stream: a name is judged when it is complete, arguments go on live, and what may not be shown is left out. Not thread-safe.
/// </summary>
/// <param name="contract">What the request says about calls.</param>
internal sealed class CallDeltaChecker(ToolContract contract)
{
    private const int MaxHeldMembers = 16;

    private readonly CallSequence _calls = new();
    private readonly HashSet<string> _ids = [];
    private readonly List<CallDelta> _deltas = [];
    private readonly List<byte[]?> _rewritten = [];

    /// <summary>Calls the client sees.</summary>
    public int Count { get; private set; }

    /// <summary>Some call named a function nobody declared.</summary>
    public bool HasUndeclared { get; private set; }

    /// <summary>Some call named another function than the forced one.</summary>
    public bool HasUnforced { get; private set; }

    /// <summary>Calls shown that have no arguments at all; the end of the answer has to give them an empty object, each once.</summary>
    public IReadOnlyList<int> TakeWithoutArguments()
    {
        var found = _calls.Calls.Where(static c => c is { State: CallState.Accepted, HasArguments: false }).ToArray();
        foreach (var call in found)
        {
            call.HasArguments = true;
        }

        return [.. found.Select(static c => c.Index)];
    }

    /// <summary>Some call still lacks its name or a part of its arguments.</summary>
    public bool HasOpen => _calls.Calls.Any(static c => c.State is CallState.Pending || c is { State: CallState.Accepted, Arguments.IsComplete: false });

    /// <summary>The arguments of some call that is shown have begun and are not closed.</summary>
    public bool HasOpenArguments => _calls.Calls.Any(static c => c is { State: CallState.Accepted, Arguments.IsOpen: true });

    /// <summary>Some call that is shown has no arguments so far.</summary>
    public bool LacksArguments => _calls.Calls.Any(static c => c is { State: CallState.Accepted, HasArguments: false });

    /// <summary>
    /// Takes a chunk with calls. Null = it may pass as it is. Otherwise what is left of its calls in the client's form: the value of <c>tool_calls</c> or
    /// <c>function_call</c>; empty = nothing.
    /// </summary>
    /// <param name="data">The chunk.</param>
    /// <param name="shape">Its shape.</param>
    public ReadOnlyMemory<byte>? Take(ReadOnlySpan<byte> data, ChunkShape shape)
    {
        _deltas.Clear();
        if (shape.ToolCalls.IsPresent)
        {
            CallDelta.ReadAll(data, shape.ToolCalls, _deltas);
        }

        var modern = _deltas.Count;
        if (shape.FunctionCall.IsPresent)
        {
            _deltas.Add(CallDelta.ReadFunctionCall(data, shape.FunctionCall));
        }

        _rewritten.Clear();
        var isUntouched = modern == _deltas.Count && !contract.IsLegacy;
        for (var i = 0; i < _deltas.Count; i++)
        {
            var output = TakeDelta(data, _deltas[i], isOlderForm: i >= modern, isLast: shape.FinishReason.IsPresent, out var isSame);
            isUntouched &= isSame;
            _rewritten.Add(output);
        }

        return isUntouched ? default(ReadOnlyMemory<byte>?) : Join(data, modern);
    }

    /// <summary>The delta that gives a call without arguments its empty object.</summary>
    public static void WriteEmptyArguments(Utf8JsonWriter writer, int index, bool isLegacy)
    {
        if (isLegacy)
        {
            writer.WriteStartObject("function_call"u8);
            writer.WriteString("arguments"u8, "{}"u8);
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartArray("tool_calls"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, index);
        writer.WriteStartObject("function"u8);
        writer.WriteString("arguments"u8, "{}"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    // Null = nothing of it is shown. With isSame the element may pass as it stands.
    private byte[]? TakeDelta(ReadOnlySpan<byte> data, in CallDelta delta, bool isOlderForm, bool isLast, out bool isSame)
    {
        isSame = false;
        if (delta.IsNothing)
        {
            return null;
        }

        var call = isOlderForm ? _calls.OfOlderForm() : _calls.Of(delta.Index, TextOf(data, delta.Id), TextOf(data, delta.Name), delta.HasArgumentText);
        var wasAccepted = call.State is CallState.Accepted;
        if (call.State is CallState.Pending)
        {
            Decide(call, data, delta);
        }

        var arguments = TakeArguments(call, data, delta, isLast, out var areSame);
        switch (call.State)
        {
            case CallState.Dropped:
                return null;
            case CallState.Pending:
                call.HeldArguments.Append(arguments ?? Arguments(data, delta));
                Hold(call, data, delta);
                return null;
            default:
                isSame = areSame && IsSame(data, call, delta, wasAccepted);
                if (isSame)
                {
                    call.HasArguments |= delta.HasArgumentText;
                    return [];
                }

                return Compose(data, call, delta, arguments ?? Arguments(data, delta), isFirst: !wasAccepted);
        }
    }

    private static string? TextOf(ReadOnlySpan<byte> data, ByteRange text) => text is { IsPresent: true, Length: > 0 } ? JsonText.Unescape(text.In(data)) : null;

    // An empty object at the head of a call may only hold the place of arguments to come. Null = the delta's arguments as they are.
    private static string? TakeArguments(CallProgress call, ReadOnlySpan<byte> data, in CallDelta delta, bool isLast, out bool areSame)
    {
        areSame = true;
        if (!delta.HasArgumentText)
        {
            return null;
        }

        var written = delta.HasTextArguments ? delta.Arguments.In(data)[1..^1] : delta.Arguments.In(data);
        if (delta.Name.IsPresent && !isLast && call is { HasArguments: false, Arguments.HasBegun: false } && written.SequenceEqual("{}"u8))
        {
            call.HoldsEmptyObject = true;
            areSame = false;
            return "";
        }

        if (call.HoldsEmptyObject)
        {
            areSame = false;
            var text = Arguments(data, delta);
            if (string.IsNullOrWhiteSpace(text))
            {
                return "";
            }

            call.HoldsEmptyObject = false;
            call.Arguments.Add(written, delta.HasTextArguments);
            return text.AsSpan().TrimStart() is ['{', ..] ? text : "{}" + text;
        }

        call.Arguments.Add(written, delta.HasTextArguments);
        return null;
    }

    private static void Hold(CallProgress call, ReadOnlySpan<byte> data, in CallDelta delta)
    {
        // Members of a provider's own are few, and nobody sends them without end: the bound is against those who would.
        if (delta.HasOthers && call.HeldMembers.Count < MaxHeldMembers)
        {
            call.HeldMembers.Add(delta.Whole.In(data).ToArray());
        }
    }

    private void Decide(CallProgress call, ReadOnlySpan<byte> data, in CallDelta delta)
    {
        if (delta.Name.IsPresent)
        {
            call.WrittenName += JsonText.Unescape(delta.Name.In(data));
        }

        if (call.WrittenName.Length == 0)
        {
            return;
        }

        var name = delta.IsOtherType ? null : contract.Declared.Resolve(call.WrittenName);
        if (name is null)
        {
            // A name may come in pieces, but never behind its arguments.
            var mayGrow = !delta.IsOtherType && !delta.HasArgumentText && call.HeldArguments.Length == 0 && contract.Declared.MayBegin(call.WrittenName);
            if (!mayGrow)
            {
                call.State = CallState.Dropped;

                // Asked not to call at all, it does not matter what was called.
                HasUndeclared |= CallName.Clean(call.WrittenName).Length > 0 && (contract.Choice is not ToolChoice.None || contract.Declared.Count == 0);
            }

            return;
        }

        HasUnforced |= contract.ForcedTool is { } forced && name != forced;
        var isOtherForm = Count > 0 && _calls.Calls.Any(c => c.State is CallState.Accepted && c.IsOlderForm != call.IsOlderForm);
        if (contract.Choice is ToolChoice.None || isOtherForm || (Count > 0 && !contract.AllowsParallel))
        {
            call.State = CallState.Dropped;
            return;
        }

        call.State = CallState.Accepted;
        call.WrittenName = name;
        call.Index = Count++;
        call.HasOwnId = call.SourceId is { } given && _ids.Add(given);
    }

    private bool IsSame(ReadOnlySpan<byte> data, CallProgress call, in CallDelta delta, bool wasAccepted)
    {
        if (call.IsOlderForm || contract.IsLegacy || delta.Index != call.Index || (delta.Arguments.IsPresent && !delta.HasTextArguments))
        {
            return false;
        }

        return wasAccepted
            ? TextOf(data, delta.Name) is null && TextOf(data, delta.Id) is null
            : call.HasOwnId && delta.Id.IsPresent && delta.HasType && call.HeldArguments.Length == 0 && call.HeldMembers.Count == 0 && delta.Arguments.IsPresent
                && JsonText.Unescape(delta.Name.In(data)) == call.WrittenName;
    }

    private static string Arguments(ReadOnlySpan<byte> data, in CallDelta delta) =>
        delta.Arguments.IsAbsent ? ""
        : delta.HasTextArguments ? JsonText.Unescape(delta.Arguments.In(data)[1..^1])
        : Encoding.UTF8.GetString(delta.Arguments.In(data));

    private byte[] Compose(ReadOnlySpan<byte> data, CallProgress call, in CallDelta delta, string arguments, bool isFirst)
    {
        arguments = isFirst ? call.HeldArguments + arguments : arguments;
        call.HasArguments |= arguments.Length > 0;
        var source = call.IsOlderForm ? default : JsonReading.Element(delta.Whole.In(data));
        var output = new ArrayBufferWriter<byte>(128);
        using (var writer = JsonWriting.To(output))
        {
            writer.WriteStartObject();
            if (contract.IsLegacy)
            {
                WriteFunction(writer, call, arguments, isFirst);
            }
            else
            {
                writer.WriteNumber("index"u8, call.Index);
                if (isFirst)
                {
                    writer.WriteText("id"u8, call.HasOwnId ? call.SourceId! : MessageCalls.NewId());
                    writer.WriteString("type"u8, "function"u8);
                }

                writer.WriteStartObject("function"u8);
                WriteFunction(writer, call, arguments, isFirst);
                JsonElement[] sources = isFirst ? [.. call.HeldMembers.Select(static m => JsonReading.Element(m)), source] : [source];
                foreach (var one in sources)
                {
                    CallWriter.WriteOthers(writer, one.Find("function"), ["name", "arguments"]);
                }

                writer.WriteEndObject();
                foreach (var one in sources)
                {
                    CallWriter.WriteOthers(writer, one, ["index", "id", "type", "function"]);
                }
            }

            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteFunction(Utf8JsonWriter writer, CallProgress call, string arguments, bool isFirst)
    {
        if (isFirst)
        {
            writer.WriteText("name"u8, call.WrittenName);
        }

        writer.WriteText("arguments"u8, arguments);
    }

    private byte[] Join(ReadOnlySpan<byte> data, int modern)
    {
        var output = new ArrayBufferWriter<byte>(256);
        for (var i = 0; i < _rewritten.Count; i++)
        {
            if (_rewritten[i] is not { } element)
            {
                continue;
            }

            // Only an element of the newer form can be the same.
            var bytes = element.Length > 0 || i >= modern ? element : _deltas[i].Whole.In(data);
            if (contract.IsLegacy)
            {
                return bytes.ToArray();
            }

            output.Write(output.WrittenCount == 0 ? "["u8 : ","u8);
            output.Write(bytes);
        }

        if (output.WrittenCount > 0)
        {
            output.Write("]"u8);
        }

        return output.WrittenSpan.ToArray();
    }
}
