using Microsoft.AspNetCore.Http.Features;
using Serilog;
using Serilog.Events;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Logging;

/// <summary>One line per finished request, by Serilog's own request logging. The request only pays for handing over a reference: the line is put together by the log's writer.</summary>
internal static class RequestLog
{
    private const string Template = $"{{{RequestRecordValue.PropertyName}}}";

    /// <summary>
    /// Adds the layer. What lies inside it must leave the request's closed <see cref="RequestRecord"/> among its features. Needs
    /// <see cref="LoggingSetup"/> and what <see cref="LoggingSetup.AddTo"/> adds among the services.
    /// </summary>
    public static IApplicationBuilder UseRequestLog(this IApplicationBuilder app)
    {
        var setup = app.ApplicationServices.GetRequiredService<LoggingSetup>();
        return app.UseSerilogRequestLogging(options =>
        {
            options.Logger = setup.Requests;
            options.MessageTemplate = Template;
            options.GetLevel = static (http, _, _) => LevelOf(Record(http));
            options.GetMessageTemplateProperties = static (http, _, _, _) => [new LogEventProperty(RequestRecordValue.PropertyName, new RequestRecordValue(Record(http)))];
        });
    }

    private static RequestRecord Record(HttpContext http) => http.Features.GetRequiredFeature<RequestRecord>();

    private static LogEventLevel LevelOf(RequestRecord record) =>
        record.Status >= StatusCodes.Status500InternalServerError ? LogEventLevel.Warning : LogEventLevel.Information;
}
