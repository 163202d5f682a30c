using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>
/// <c>POST /v1/embeddings</c>: unit vectors that depend on nothing but the input, 8 numbers or as many as <c>dimensions</c> says, as numbers or base64. Of a
/// model's faults, statuses, refusals and stalls strike here too.
/// </summary>
internal static class EmbeddingsEndpoint
{
    private const int Dimensions = 8;
    private const int MostDimensions = 16_384;

    public static async Task AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body, SimulatedModel? model, TimeProvider time)
    {
        if (model is null)
        {
            await ErrorReply.WriteAsync(http, StatusCodes.Status404NotFound, "the model does not exist", "model_not_found");
            return;
        }

        switch (model.Fault)
        {
            case { Kind: SimulatedFaultKind.Status } fault:
                await FaultPlayer.StatusAsync(fault, http);
                return;
            case { Kind: SimulatedFaultKind.Refuse }:
                new RawWire(http).Close();
                return;
            case { Kind: SimulatedFaultKind.Stall }:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, http.RequestAborted);
                return;
        }

        var root = JsonReading.Element(body.Span);
        if (!root.TryGet("input"u8, out var input) && !root.TryGet("messages"u8, out input))
        {
            await ErrorReply.WriteAsync(http, StatusCodes.Status400BadRequest, "input is required", code: null);
            return;
        }

        var reply = new ArrayBufferWriter<byte>(1024);
        Write(reply, root, InputsOf(input), model.Id);
        var wire = new HttpWire(http);
        wire.Head(StatusCodes.Status200OK, Wire.Json, reply.WrittenCount);
        wire.Buffer.Write(reply.WrittenSpan);
        await wire.FlushAsync(http.RequestAborted);
    }

    private static List<string> InputsOf(JsonElement input) =>
        input.ValueKind is JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind is not JsonValueKind.Number
            ? [.. input.EnumerateArray().Select(i => i.ToString())]
            : [input.ToString()];

    private static void Write(IBufferWriter<byte> reply, JsonElement root, List<string> inputs, string model)
    {
        var isBase64 = root.Is("encoding_format"u8, "base64"u8);
        var dimensions = root.TryGet("dimensions"u8, out var wish) && wish.TryGetInt32(out var count) ? Math.Clamp(count, 1, MostDimensions) : Dimensions;
        using var json = JsonWriting.To(reply);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var i = 0; i < inputs.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, i);
            WriteVector(json, VectorOf(inputs[i], dimensions), isBase64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model"u8, model);
        var tokens = inputs.Sum(text => TokenSplitter.Split(text).Count);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool isBase64)
    {
        if (isBase64)
        {
            var bytes = new byte[vector.Length * sizeof(float)];
            for (var i = 0; i < vector.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
            }

            json.WriteBase64String("embedding"u8, bytes);
            return;
        }

        json.WriteStartArray("embedding"u8);
        foreach (var number in vector)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    // FNV-1a of the text seeds a generator: the same text has the same vector in every process.
    private static float[] VectorOf(string text, int dimensions)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 16777619u;
        }

        var random = new Random((int)hash);
        var vector = Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var length = MathF.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / length)];
    }
}
