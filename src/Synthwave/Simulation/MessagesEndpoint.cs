using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>
/// <c>POST /v1/messages</c>: the scripted models as Anthropic would serve them, buffered or as events, thinking signed. Of the faults, those that have a
/// meaning here strike: statuses, refusals, stalls and resets.
/// </summary>
internal sealed class MessagesEndpoint(HttpContext http, TimeProvider time, long number)
{
    public static Task RefuseAsync(HttpContext http, int status, string type, string message)
    {
        var output = new ArrayBufferWriter<byte>(128);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, type);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var wire = new HttpWire(http);
        wire.Head(status, Wire.Json, output.WrittenCount);
        wire.Buffer.Write(output.WrittenSpan);
        return wire.FlushAsync(http.RequestAborted).AsTask();
    }

    public async Task AnswerAsync(ChatCallFacts facts, ReadOnlyMemory<byte> body, ModelScript script)
    {
        var root = JsonReading.Element(body.Span);
        if (MessagesRules.Check(root) is { } problem)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "invalid_request_error", problem);
            return;
        }

        var (answer, fault) = script.Next(facts, body, http.Request.Headers);
        switch (fault?.Kind)
        {
            case SimulatedFaultKind.Status:
                var status = fault.Status ?? StatusCodes.Status500InternalServerError;
                if (fault.RetryAfter is { } seconds)
                {
                    http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                }

                await RefuseAsync(http, status, status switch { 429 => "rate_limit_error", 529 => "overloaded_error", 401 => "authentication_error", < 500 => "invalid_request_error", _ => "api_error" }, $"simulated status {status}");
                return;
            case SimulatedFaultKind.Refuse:
                new RawWire(http).Close();
                return;
            case SimulatedFaultKind.Stall when fault.AfterTokens is null or 0:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, http.RequestAborted);
                return;
        }

        var usage = answer.Usage ?? new SimulatedUsage(Math.Max(1, body.Length / 4), answer.Tokens);
        var thinks = MessagesRules.Thinks(root) && answer.Reasoning is not null;
        await (facts.Stream ? StreamAsync(facts.Model, answer, usage, thinks, fault) : WholeAsync(facts.Model, answer, usage, thinks));
    }

    private static string StopReason(PreparedAnswer answer) => answer.FinishReason switch
    {
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        _ => "end_turn",
    };

    private async Task WholeAsync(string model, PreparedAnswer answer, SimulatedUsage usage, bool thinks)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            WriteHead(json, model);
            json.WriteStartArray("content"u8);
            if (thinks)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "thinking"u8);
                json.WriteString("thinking"u8, answer.Reasoning);
                json.WriteString("signature"u8, MessagesRules.Sign(answer.Reasoning!));
                json.WriteEndObject();
            }

            if (!string.IsNullOrEmpty(answer.Text))
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, answer.Text);
                json.WriteEndObject();
            }

            for (var i = 0; i < answer.ToolCalls.Length; i++)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "tool_use"u8);
                json.WriteString("id"u8, IdOf(answer, i));
                json.WriteString("name"u8, answer.ToolCalls[i].Name);
                json.WritePropertyName("input"u8);
                json.WriteRawValue(answer.ToolCalls[i].Arguments);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("stop_reason"u8, StopReason(answer));
            json.WriteNull("stop_sequence"u8);
            WriteUsage(json, usage.PromptTokens, usage.CompletionTokens);
            json.WriteEndObject();
        }

        var wire = new HttpWire(http);
        wire.Head(StatusCodes.Status200OK, Wire.Json, output.WrittenCount);
        wire.Buffer.Write(output.WrittenSpan);
        await wire.FlushAsync(http.RequestAborted);
    }

    private async Task StreamAsync(string model, PreparedAnswer answer, SimulatedUsage usage, bool thinks, SimulatedFault? fault)
    {
        var raw = fault?.Kind is SimulatedFaultKind.Reset ? new RawWire(http) : null;
        Wire wire = (Wire?)raw ?? new HttpWire(http);
        wire.Head(StatusCodes.Status200OK, Wire.EventStream);
        var left = fault?.Kind is SimulatedFaultKind.Reset or SimulatedFaultKind.Stall ? fault.AfterTokens ?? 0 : int.MaxValue;
        foreach (var (frame, isToken) in Frames(model, answer, usage, thinks))
        {
            if (isToken && left-- <= 0)
            {
                await wire.FlushAsync(http.RequestAborted);
                if (raw is null)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, time, http.RequestAborted);
                }

                raw?.Reset();
                return;
            }

            wire.Buffer.Write(Encoding.UTF8.GetBytes(frame));
            await wire.FlushAsync(http.RequestAborted);
        }
    }

    private IEnumerable<(string Frame, bool IsToken)> Frames(string model, PreparedAnswer answer, SimulatedUsage usage, bool thinks)
    {
        yield return (Event("message_start", json =>
        {
            json.WriteStartObject("message"u8);
            WriteHead(json, model);
            json.WriteStartArray("content"u8);
            json.WriteEndArray();
            json.WriteNull("stop_reason"u8);
            json.WriteNull("stop_sequence"u8);
            WriteUsage(json, usage.PromptTokens, 1);
            json.WriteEndObject();
        }), false);
        yield return (Event("ping", static _ => { }), false);
        var index = 0;
        if (thinks)
        {
            foreach (var frame in Block(index++, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}", answer.ReasoningTokens.Select(t => ("thinking_delta", "thinking", Text(t)))
                .Append(("signature_delta", "signature", MessagesRules.Sign(answer.Reasoning!)))))
            {
                yield return frame;
            }
        }

        if (!answer.TextTokens.IsEmpty)
        {
            foreach (var frame in Block(index++, "{\"type\":\"text\",\"text\":\"\"}", answer.TextTokens.Select(t => ("text_delta", "text", Text(t)))))
            {
                yield return frame;
            }
        }

        for (var i = 0; i < answer.ToolCalls.Length; i++)
        {
            var start = $"{{\"type\":\"tool_use\",\"id\":\"{IdOf(answer, i)}\",\"name\":\"{answer.ToolCalls[i].Name}\",\"input\":{{}}}}";
            foreach (var frame in Block(index++, start, answer.ArgumentTokens[i].Select(t => ("input_json_delta", "partial_json", Text(t)))))
            {
                yield return frame;
            }
        }

        yield return (Event("message_delta", json =>
        {
            json.WriteStartObject("delta"u8);
            json.WriteString("stop_reason"u8, StopReason(answer));
            json.WriteNull("stop_sequence"u8);
            json.WriteEndObject();
            json.WriteStartObject("usage"u8);
            json.WriteNumber("output_tokens"u8, usage.CompletionTokens);
            json.WriteEndObject();
        }), false);
        yield return (Event("message_stop", static _ => { }), false);
    }

    private static IEnumerable<(string Frame, bool IsToken)> Block(int index, string start, IEnumerable<(string Type, string Member, string Text)> deltas)
    {
        yield return (Event("content_block_start", json =>
        {
            json.WriteNumber("index"u8, index);
            json.WritePropertyName("content_block"u8);
            json.WriteRawValue(start);
        }), false);
        foreach (var (type, member, text) in deltas)
        {
            yield return (Event("content_block_delta", json =>
            {
                json.WriteNumber("index"u8, index);
                json.WriteStartObject("delta"u8);
                json.WriteString("type"u8, type);
                json.WriteString(member, text);
                json.WriteEndObject();
            }), true);
        }

        yield return (Event("content_block_stop", json => json.WriteNumber("index"u8, index)), false);
    }

    private static string Event(string type, Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(128);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            write(json);
            json.WriteEndObject();
        }

        return $"event: {type}\ndata: {Encoding.UTF8.GetString(output.WrittenSpan)}\n\n";
    }

    private static string Text(byte[] token) => JsonText.Unescape(token.AsSpan(1..^1));

    private void WriteHead(Utf8JsonWriter json, string model)
    {
        json.WriteString("id"u8, $"msg_sim_{number}");
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, model);
    }

    private static void WriteUsage(Utf8JsonWriter json, int input, int output)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, input);
        json.WriteNumber("cache_creation_input_tokens"u8, 0);
        json.WriteNumber("cache_read_input_tokens"u8, 0);
        json.WriteNumber("output_tokens"u8, output);
        json.WriteEndObject();
    }

    private string IdOf(PreparedAnswer answer, int call) => answer.ToolCalls[call].Id ?? $"toolu_{number}_{call}";
}
