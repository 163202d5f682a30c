using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Json;

namespace Synthwave.Commands.Checks;

/// <summary>
/// What <c>check</c> found, as JSON for other programs. Members are only ever added: <c>config</c>, <c>valid</c>, <c>errors[]</c> and <c>warnings[]</c> of
/// <c>file</c>, <c>line</c>, <c>column</c>, <c>key</c>, <c>message</c>, <c>hint</c> (absent where unknown); with <c>--live</c> <c>upstreams[]</c> of <c>name</c>,
/// <c>model</c>, <c>address</c>, <c>proxy</c>, <c>ok</c>, <c>steps[]</c> (<c>step</c>, <c>ok</c>, <c>ms</c>, <c>detail</c>), <c>problem</c>, <c>fix</c>, <c>note</c>; with
/// <c>--effective</c> <c>effective[]</c> as <see cref="EffectiveConfigJson"/> says. Pure.
/// </summary>
internal static class CheckReport
{
    public static string Write(
        string path, bool isValid, IEnumerable<ConfigProblem> errors, IEnumerable<ConfigProblem> warnings, ImmutableArray<LiveFinding>? live, GatewayConfig? effective)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = JsonWriting.To(buffer))
        {
            json.WriteStartObject();
            json.WriteString("config", path);
            json.WriteBoolean("valid", isValid);
            Write(json, "errors", errors);
            Write(json, "warnings", warnings);
            if (live is { } findings)
            {
                Write(json, findings);
            }

            if (effective is not null)
            {
                EffectiveConfigJson.Write(json, effective);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<ConfigProblem> problems)
    {
        json.WriteStartArray(name);
        foreach (var problem in problems)
        {
            json.WriteStartObject();
            Write(json, "file", problem.File);
            if (problem.Line > 0)
            {
                json.WriteNumber("line", problem.Line);
                json.WriteNumber("column", problem.Column);
            }

            Write(json, "key", problem.Key.Length > 0 ? problem.Key : null);
            json.WriteString("message", problem.Message);
            Write(json, "hint", problem.Hint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ImmutableArray<LiveFinding> findings)
    {
        json.WriteStartArray("upstreams");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("name", finding.Upstream);
            json.WriteString("model", finding.Model);
            Write(json, "address", finding.Address);
            Write(json, "proxy", finding.Proxy);
            json.WriteBoolean("ok", finding.IsOk);
            json.WriteStartArray("steps");
            foreach (var step in finding.Steps)
            {
                json.WriteStartObject();
                json.WriteString("step", step.Name);
                json.WriteBoolean("ok", step.IsOk);
                if (step.Milliseconds is { } milliseconds)
                {
                    json.WriteNumber("ms", Math.Round(milliseconds, 1));
                }

                Write(json, "detail", step.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Write(json, "problem", finding.Problem);
            Write(json, "fix", finding.Fix);
            Write(json, "note", finding.Note);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
