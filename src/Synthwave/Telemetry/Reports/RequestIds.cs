using Synthwave.Chat;

namespace Synthwave.Telemetry.Reports;

/// <summary>Request ids are ours: unguessable, and never taken from a client.</summary>
internal static class RequestIds
{
    /// <summary>What an id begins with where its route says nothing else.</summary>
    public const string Prefix = "metamodel-";

    /// <summary><paramref name="prefix"/> and 24 lower-case hexadecimal digits.</summary>
    public static string New(string prefix = Prefix) => RandomHex.New(24, prefix);
}
