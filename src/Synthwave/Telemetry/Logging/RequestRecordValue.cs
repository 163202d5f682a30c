using System.Globalization;
using Serilog.Events;

namespace Synthwave.Telemetry.Logging;

/// <summary>Carries a finished request through the logger unformatted; only the log writer turns it into text.</summary>
internal sealed class RequestRecordValue(RequestRecord record) : LogEventPropertyValue
{
    public RequestRecord Record { get; } = record;

    /// <summary>The short form for terminals.</summary>
    public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null)
    {
        var report = Record.Report;
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{Record.Method} {Record.Path} {Record.Status} {Record.Elapsed.TotalMilliseconds:0.#} ms"));
        if (report is not null)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $" profile={report.Profile ?? "-"} strategy={report.Strategy ?? "-"} outcome={Record.Outcome}"));
        }

        if ((report?.ErrorCode ?? Record.ErrorCode) is { } code)
        {
            output.Write($" error={code}");
        }

        output.Write($" id={Record.RequestId}");
    }
}
