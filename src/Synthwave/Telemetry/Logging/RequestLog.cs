using Serilog.Events;
using Serilog.Parsing;

namespace Synthwave.Telemetry.Logging;

/// <summary>Writes one line per finished request. The caller only pays for handing over a reference.</summary>
internal sealed class RequestLog(Serilog.ILogger logger)
{
    public const string PropertyName = "Request";

    private static readonly MessageTemplate Template = new MessageTemplateParser().Parse("{Request}");

    /// <param name="record">Closed: nobody writes to it any more.</param>
    public void Write(RequestRecord record)
    {
        var level = record.Status >= 500 ? LogEventLevel.Warning : LogEventLevel.Information;
        if (logger.IsEnabled(level))
        {
            logger.Write(new LogEvent(record.ReceivedAt, level, null, Template, [new LogEventProperty(PropertyName, new RequestRecordValue(record))]));
        }
    }
}
