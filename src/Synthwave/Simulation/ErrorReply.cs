using System.Buffers;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>An error in OpenAI's form.</summary>
internal static class ErrorReply
{
    public static async Task WriteAsync(HttpContext http, int status, string message, string? code)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = JsonWriting.To(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, message);
            json.WriteString("type"u8, TypeOf(status));
            json.WriteNull("param"u8);
            json.WriteString("code"u8, code);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var wire = new HttpWire(http);
        wire.Head(status, Wire.Json, body.WrittenCount);
        wire.Buffer.Write(body.WrittenSpan);
        await wire.FlushAsync(http.RequestAborted);
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        503 => "service_unavailable_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
