using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Chat;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>The one place where a <see cref="GatewayError"/> becomes bytes: a JSON answer with its headers, or an event of a stream that already runs.</summary>
internal static class ErrorWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What a client learns of a bug.</summary>
    public static GatewayError Internal { get; } = new(500, null, "internal server error");

    /// <summary>An error that says no more than its status.</summary>
    public static GatewayError OfStatus(int status) => new(status, null, ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : "Error");

    /// <summary><c>{"error":{"message","type","param","code"}}</c>: all four, in this order, compact.</summary>
    public static void WriteEnvelope(GatewayError error, IBufferWriter<byte> target)
    {
        using var json = new Utf8JsonWriter(target, Options);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.EffectiveType);
        json.WriteString("param"u8, error.Param);
        json.WriteString("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static ReadOnlyMemory<byte> Envelope(GatewayError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteEnvelope(error, buffer);
        return buffer.WrittenMemory;
    }

    /// <summary>One server-sent event, the blank line at its end included.</summary>
    public static ReadOnlyMemory<byte> Event(GatewayError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write("data: "u8);
        WriteEnvelope(error, buffer);
        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>Answers with the error. The response must not have started; headers already set stay.</summary>
    public static Task WriteAsync(HttpContext context, GatewayError error) =>
        WriteBodyAsync(context, error, MessagesErrors.IsSpokenAt(context.Request.Path) ? MessagesErrors.Envelope(error, IdOf(context)) : Envelope(error));

    /// <summary>The same with an upstream's own error document in place of the envelope, or with its message where clients read another shape.</summary>
    public static Task WriteAsync(HttpContext context, GatewayError error, ReadOnlyMemory<byte> body) => MessagesErrors.IsSpokenAt(context.Request.Path)
        ? WriteAsync(context, MessagesErrors.WithMessageOf(error, body))
        : WriteBodyAsync(context, error, body);

    private static Task WriteBodyAsync(HttpContext context, GatewayError error, ReadOnlyMemory<byte> body)
    {
        WriteHeaders(context.Response.Headers, error);
        if (context.Features.Get<RequestRecord>() is { } record)
        {
            record.ErrorCode = error.Code;
        }

        return WholeAnswer.WriteAsync(context, error.Status, WholeAnswer.Json, body);
    }

    private static string? IdOf(HttpContext context) => context.Features.Get<RequestRecord>()?.RequestId;

    /// <summary>The headers that belong to an error whatever carries it.</summary>
    public static void WriteHeaders(IHeaderDictionary headers, GatewayError error)
    {
        if (error.RetryAfter is { } wait)
        {
            headers.RetryAfter = ((long)Math.Ceiling(Math.Max(0, wait.TotalSeconds))).ToString(CultureInfo.InvariantCulture);
        }

        switch (error.Status)
        {
            case StatusCodes.Status401Unauthorized:
                headers.WWWAuthenticate = "Bearer";
                break;
            case StatusCodes.Status501NotImplemented:
                headers["x-should-retry"] = "false";
                break;
        }
    }
}
