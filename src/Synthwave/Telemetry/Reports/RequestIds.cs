using Synthwave.Chat;

namespace Synthwave.Telemetry.Reports;

/// <summary>Request ids are ours: unguessable, and never taken from a client.</summary>
internal static class RequestIds
{
    /// <summary>
    /// <c>metamodel-</c> and 24 lower-case hexadecimal digits; <c>resp_</c> and so many for a path of the Responses API, whose response goes by the same id.
    /// </summary>
    public static string For(string path) =>
        RandomHex.New(24, path.StartsWith("/v1/responses", StringComparison.Ordinal) ? "resp_" : "metamodel-");
}
