using System.Collections.Immutable;
using Synthwave.Configuration;

namespace Synthwave.Commands;

/// <summary>What somebody should know of a gateway that may start as it is configured. Pure.</summary>
internal static class StartNotices
{
    /// <summary>One sentence each.</summary>
    /// <param name="config">The configuration, with what the command line decided.</param>
    /// <param name="addresses">Where it listens.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    public static IEnumerable<string> Of(GatewayConfig config, ImmutableArray<string> addresses, Func<string, string?> environment)
    {
        if (OpenListen.Notice(config, addresses, environment) is { } open)
        {
            yield return open;
        }

        if (config.History.Content)
        {
            yield return "warning: prompts and answers are kept in memory and shown by /admin, because [history] content = true. Whoever may read /admin reads them.";
        }
    }
}
