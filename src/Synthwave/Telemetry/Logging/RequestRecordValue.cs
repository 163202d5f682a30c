using System.Text;
using Serilog.Events;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Logging;

/// <summary>Carries a finished request through the logger unformatted; only the log writer turns it into text.</summary>
internal sealed class RequestRecordValue(RequestRecord record) : LogEventPropertyValue
{
    public RequestRecord Record { get; } = record;

    /// <summary>The line for terminals, without colour.</summary>
    public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null)
    {
        var text = new StringBuilder();
        RequestLine.Append(text, Record, TimeProvider.System, colour: false);
        output.Write(text);
    }
}
