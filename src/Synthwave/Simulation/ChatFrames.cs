using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>Writes one answer's JSON and stream events. What all events of an answer share is encoded once.</summary>
internal sealed class ChatFrames
{
    private readonly string _id;
    private readonly long _created;
    private readonly string _model;
    private readonly byte[] _envelope;
    private readonly byte[] _end;

    public ChatFrames(long number, DateTimeOffset created, string model, bool includeUsage)
    {
        _id = string.Create(CultureInfo.InvariantCulture, $"chatcmpl-sim{number:x21}");
        _created = created.ToUnixTimeSeconds();
        _model = model;
        Number = number;
        IncludesUsage = includeUsage;
        _envelope = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"data: {{\"id\":\"{_id}\",\"object\":\"chat.completion.chunk\",\"created\":{_created},\"model\":{Encoding.UTF8.GetString(JsonText.Quote(model))}"));
        _end = includeUsage ? "}],\"usage\":null}\n\n"u8.ToArray() : "}]}\n\n"u8.ToArray();
    }

    public long Number { get; }

    public bool IncludesUsage { get; }

    public void Role(IBufferWriter<byte> to, bool nullContent) =>
        Chunk(to, nullContent ? "\"role\":\"assistant\",\"content\":null"u8 : "\"role\":\"assistant\",\"content\":\"\""u8);

    public void Content(IBufferWriter<byte> to, ReadOnlySpan<byte> quoted) => Member(to, "\"content\":"u8, quoted);

    public void Reasoning(IBufferWriter<byte> to, ReadOnlySpan<byte> quoted) => Member(to, "\"reasoning_content\":"u8, quoted);

    public void ToolCall(IBufferWriter<byte> to, int index, SimulatedToolCall call) => Chunk(to, Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"\"tool_calls\":[{{\"index\":{index},\"id\":{Quoted(IdOf(call, index))},\"type\":\"function\",\"function\":{{\"name\":{Quoted(call.Name)},\"arguments\":\"\"}}}}]")));

    public void ToolArguments(IBufferWriter<byte> to, int index, ReadOnlySpan<byte> quoted)
    {
        Open(to);
        to.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"tool_calls\":[{{\"index\":{index},\"function\":{{\"arguments\":")));
        to.Write(quoted);
        to.Write("}}]"u8);
        Close(to);
    }

    public void Finish(IBufferWriter<byte> to, string reason)
    {
        Open(to);
        to.Write("},\"finish_reason\":"u8);
        to.Write(JsonText.Quote(reason));
        to.Write(_end);
    }

    public void Usage(IBufferWriter<byte> to, SimulatedUsage usage)
    {
        to.Write(_envelope);
        to.Write(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $",\"choices\":[],\"usage\":{{\"prompt_tokens\":{usage.PromptTokens},\"completion_tokens\":{usage.CompletionTokens},\"total_tokens\":{usage.PromptTokens + usage.CompletionTokens}}}}}\n\n")));
    }

    public static void Done(IBufferWriter<byte> to) => to.Write("data: [DONE]\n\n"u8);

    /// <summary>An event up to its delta's members; <see cref="Close"/> ends it.</summary>
    public void Open(IBufferWriter<byte> to)
    {
        to.Write(_envelope);
        to.Write(",\"choices\":[{\"index\":0,\"delta\":{"u8);
    }

    public void Close(IBufferWriter<byte> to)
    {
        to.Write("},\"finish_reason\":null"u8);
        to.Write(_end);
    }

    /// <summary>The whole answer as JSON.</summary>
    public void Completion(IBufferWriter<byte> to, PreparedAnswer answer, SimulatedUsage usage)
    {
        using var json = JsonWriting.To(to);
        OpenCompletion(json);
        json.WriteString("content"u8, answer.Text);
        if (answer.Reasoning is not null)
        {
            json.WriteString("reasoning_content"u8, answer.Reasoning);
        }

        if (!answer.ToolCalls.IsEmpty)
        {
            WriteToolCalls(json, answer);
        }

        json.WriteEndObject();
        json.WriteString("finish_reason"u8, answer.FinishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, usage.PromptTokens);
        json.WriteNumber("completion_tokens"u8, usage.CompletionTokens);
        json.WriteNumber("total_tokens"u8, usage.PromptTokens + usage.CompletionTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The answer's JSON up to and including the quote that opens the text.</summary>
    public void OpenText(IBufferWriter<byte> to)
    {
        using (var json = JsonWriting.To(to))
        {
            OpenCompletion(json);
            json.WritePropertyName("content"u8);
        }

        to.Write("\""u8);
    }

    /// <summary>Ends what <see cref="OpenText"/> began.</summary>
    public static void CloseText(IBufferWriter<byte> to) => to.Write("\"},\"finish_reason\":\"stop\"}]}"u8);

    private void OpenCompletion(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, _id);
        json.WriteString("object"u8, "chat.completion"u8);
        json.WriteNumber("created"u8, _created);
        json.WriteString("model"u8, _model);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
    }

    private void WriteToolCalls(Utf8JsonWriter json, PreparedAnswer answer)
    {
        json.WriteStartArray("tool_calls"u8);
        for (var i = 0; i < answer.ToolCalls.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, IdOf(answer.ToolCalls[i], i));
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, answer.ToolCalls[i].Name);
            json.WriteString("arguments"u8, answer.ToolCalls[i].Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Chunk(IBufferWriter<byte> to, ReadOnlySpan<byte> members)
    {
        Open(to);
        to.Write(members);
        Close(to);
    }

    private void Member(IBufferWriter<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> quoted)
    {
        Open(to);
        to.Write(name);
        to.Write(quoted);
        Close(to);
    }

    private string IdOf(SimulatedToolCall call, int index) => call.Id ?? string.Create(CultureInfo.InvariantCulture, $"call_sim_{Number}_{index}");

    private static string Quoted(string text) => Encoding.UTF8.GetString(JsonText.Quote(text));
}
