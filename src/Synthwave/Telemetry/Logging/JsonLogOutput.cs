using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Serilog.Events;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Logging;

/// <summary>One compact JSON object a line: <c>time level event …</c>. Buffers until flushed. Disposing flushes and leaves the stream open.</summary>
internal sealed class JsonLogOutput(Stream stream, TimeProvider time) : ILogOutput
{
    private const int FlushAt = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt);
    private readonly Utf8JsonWriter _json = JsonWriting.To(new ArrayBufferWriter<byte>());

    public void Write(LogEvent logEvent)
    {
        _json.Reset(_buffer);
        _json.WriteStartObject();
        var request = RequestRecordValue.Of(logEvent);
        _json.WriteString("time"u8, (request?.ReceivedAt ?? logEvent.Timestamp).UtcDateTime);
        _json.WriteString("level"u8, LevelOf(logEvent.Level));
        if (request is not null)
        {
            WriteRequest(request);
        }
        else
        {
            WriteEvent(logEvent);
        }

        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushAt)
        {
            Flush();
        }
    }

    public void Flush()
    {
        try
        {
            stream.Write(_buffer.WrittenSpan);
            stream.Flush();
        }
        finally
        {
            _buffer.ResetWrittenCount();
        }
    }

    public void Dispose()
    {
        Flush();
        _json.Dispose();
    }

    private static string LevelOf(LogEventLevel level) => level switch
    {
        <= LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        _ => "error",
    };

    private void WriteRequest(RequestRecord record)
    {
        var report = record.Report;
        var calls = report?.Calls ?? [];
        var usage = report?.TotalUsage();
        _json.WriteString("event"u8, "request"u8);
        _json.WriteString("request_id"u8, record.RequestId);
        _json.WriteString("client_request_id"u8, record.ClientRequestId);
        _json.WriteString("method"u8, record.Method);
        _json.WriteString("path"u8, record.Path);
        _json.WriteNumber("status"u8, record.Status);
        _json.WriteString("profile"u8, report?.Profile);
        _json.WriteString("strategy"u8, report?.Strategy?.Word);
        _json.WriteString("decision"u8, ReportLabels.Of(report?.Decision));
        _json.WriteString("outcome"u8, record.Outcome);
        WriteCalls(calls);
        WriteMilliseconds("first_content_ms"u8, report is null ? null : ReportTimes.FirstContent(report, time));
        WriteMilliseconds("elapsed_ms"u8, record.Elapsed);
        WriteMilliseconds("overhead_ms"u8, report is null ? null : ReportTimes.Overhead(report, calls, time));
        WriteNumber("prompt_tokens"u8, usage?.PromptTokens);
        WriteNumber("completion_tokens"u8, usage?.CompletionTokens);
        if (report?.CostUsd is { } cost)
        {
            _json.WriteNumber("cost_usd"u8, cost);
        }
        else
        {
            _json.WriteNull("cost_usd"u8);
        }

        WriteNumber("bytes_in"u8, record.BytesIn);
        _json.WriteNumber("bytes_out"u8, record.BytesOut);
        _json.WriteString("error_code"u8, report?.ErrorCode ?? record.ErrorCode);
        _json.WriteString("trace_id"u8, record.TraceId?.ToHexString());
        if (report?.Synthesis is { } synthesis)
        {
            _json.WriteStartObject("synthesis"u8);
            _json.WriteNumber("drafts_cut"u8, synthesis.DraftsCut);
            _json.WriteNumber("groups_dropped"u8, synthesis.GroupsDropped);
            _json.WriteNumber("messages_cut"u8, synthesis.MessagesCut);
            _json.WriteEndObject();
        }
    }

    private void WriteCalls(IReadOnlyList<CallReport> calls)
    {
        _json.WriteStartArray("calls"u8);
        foreach (var call in calls)
        {
            _json.WriteStartObject();
            _json.WriteString("role"u8, ReportLabels.Of(call.Role));
            _json.WriteString("upstream"u8, call.Upstream);
            _json.WriteString("model"u8, call.Model);
            _json.WriteString("outcome"u8, ReportLabels.Of(call.Outcome));
            if (call.Reason is { } reason)
            {
                _json.WriteString("reason"u8, reason);
            }

            if (call.Status is { } status)
            {
                _json.WriteNumber("status"u8, status);
            }

            _json.WriteNumber("attempts"u8, call.Attempts);
            if (call.IsHedge)
            {
                _json.WriteBoolean("hedge"u8, true);
            }

            if (call.Transport is { } transport)
            {
                _json.WriteString("transport"u8, transport);
            }

            if (call.Detail.Length > 0)
            {
                _json.WriteString("detail"u8, call.Detail);
            }

            WriteWorth(call);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    // How long a call took, what it used and what it cost, as far as known.
    private void WriteWorth(CallReport call)
    {
        if (ReportTimes.FirstByte(call, time) is { } first)
        {
            WriteMilliseconds("first_byte_ms"u8, first);
        }

        if (call.EndedAt is not null)
        {
            WriteMilliseconds("elapsed_ms"u8, ReportTimes.Elapsed(call, time));
        }

        if (call.Usage is { } usage)
        {
            _json.WriteNumber("prompt_tokens"u8, usage.PromptTokens);
            _json.WriteNumber("completion_tokens"u8, usage.CompletionTokens);
        }

        if (call.CostUsd is { } cost)
        {
            _json.WriteNumber("cost_usd"u8, cost);
        }
    }

    private void WriteEvent(LogEvent logEvent)
    {
        _json.WriteString("event"u8, "log"u8);
        _json.WriteString("message"u8, LogMessage.Of(logEvent));
        foreach (var (name, value) in logEvent.Properties)
        {
            if (value is ScalarValue scalar)
            {
                WriteScalar(name == Serilog.Core.Constants.SourceContextPropertyName ? "logger" : name, scalar.Value);
            }
        }

        if (logEvent.Exception is { } exception)
        {
            _json.WriteString("exception"u8, LogMessage.Of(exception));
        }

        if (logEvent.TraceId is { } trace)
        {
            _json.WriteString("trace_id"u8, trace.ToHexString());
        }
    }

    private void WriteScalar(string name, object? value)
    {
        switch (value)
        {
            case null: _json.WriteNull(name); break;
            case bool flag: _json.WriteBoolean(name, flag); break;
            case int number: _json.WriteNumber(name, number); break;
            case long number: _json.WriteNumber(name, number); break;
            case double number when double.IsFinite(number): _json.WriteNumber(name, number); break;
            default: _json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    private void WriteNumber(ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } known)
        {
            _json.WriteNumber(name, known);
        }
        else
        {
            _json.WriteNull(name);
        }
    }

    // Milliseconds with three decimals: the gateway's own share is usually below one.
    private void WriteMilliseconds(ReadOnlySpan<byte> name, TimeSpan? span)
    {
        if (span is { } known)
        {
            _json.WriteNumber(name, Math.Round(known.TotalMilliseconds, 3));
        }
        else
        {
            _json.WriteNull(name);
        }
    }
}
