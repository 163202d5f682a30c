using System.Collections.Immutable;
using Synthwave.Commands.Checks;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.Commands;

/// <summary>
/// <c>synthwave check</c>: loads the configuration and says everything that is wrong or doubtful with it, without starting anything; with <c>--live</c> it asks every
/// upstream too.
/// </summary>
internal static class CheckCommand
{
    /// <param name="arguments">What was said on the command line.</param>
    /// <param name="output">Standard output: the summary, the table, the effective configuration or the JSON.</param>
    /// <param name="error">Standard error: one line a problem, unless JSON was asked for.</param>
    /// <param name="environment">Reads an environment variable; null = not set.</param>
    /// <param name="time">The clock of the limits of <c>--live</c>.</param>
    /// <param name="cancellationToken">Ends the questions of <c>--live</c>.</param>
    /// <returns>The exit code: 0 fine, 1 an upstream cannot be used or the flags do not go together, 78 the configuration.</returns>
    public static async Task<int> RunAsync(
        CheckArguments arguments, TextWriter output, TextWriter error, Func<string, string?> environment, TimeProvider time, CancellationToken cancellationToken)
    {
        var (listen, listenProblem) = arguments.Listen.Read();
        if (listen is null || Mismatch(arguments) is not null)
        {
            await error.WriteLineAsync($"synthwave: {listenProblem ?? Mismatch(arguments)}");
            return ExitCodes.Failed;
        }

        var location = ConfigLocator.Locate(arguments.Config, environment, workingDirectory: ".");
        var path = location.Path ?? "";
        var result = location.Path is null ? ConfigResult.Failed(location.Problem!) : ConfigLoader.Load(path, environment);
        var (errors, warnings) = (result.Errors.ToList(), result.Warnings.ToList());
        var loaded = result.Config is { } read ? listen.Over(read) : null;
        var addresses = loaded is null ? [] : listen.AddressesOf(loaded.Server);
        if (loaded is not null)
        {
            // A gateway starts with nothing to call, as the original's does; whoever checks a file wants to be told.
            var isEmpty = ServiceChecks.IsEmpty(loaded);
            (isEmpty ? errors : warnings).AddRange(ServiceChecks.Of(loaded).Select(p => isEmpty ? p with { Severity = ProblemSeverity.Error } : p));
            if (OpenListen.Refusal(loaded, addresses, environment) is { } refusal)
            {
                errors.Add(refusal);
            }
        }

        var config = errors.Count == 0 && !(arguments.Strict && warnings.Count > 0) ? loaded : null;
        ImmutableArray<LiveFinding>? live = arguments.Live && config is not null ? await LiveCheck.RunAsync(config, arguments.Paid, environment, time, cancellationToken) : null;
        if (arguments.Json)
        {
            await output.WriteLineAsync(CheckReport.Write(path, config is not null, errors, warnings, live, arguments.Effective ? config : null));
        }
        else
        {
            foreach (var problem in errors.Concat(warnings))
            {
                await error.WriteLineAsync(problem.ToString());
            }

            if (config is null && location.Path is not null)
            {
                await error.WriteLineAsync($"{path}: {Counted.Of(errors.Count, "error")}, {Counted.Of(warnings.Count, "warning")}");
            }
            else if (config is not null)
            {
                await WriteAsync(arguments, path, config, warnings.Count, live, output);
                foreach (var notice in StartNotices.Of(config, addresses, environment))
                {
                    await error.WriteLineAsync($"{path}: {notice}");
                }
            }
        }

        return config is null ? ExitCodes.Config : live?.All(static f => f.IsOk) is false ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private static string? Mismatch(CheckArguments arguments) =>
        arguments is { Paid: true, Live: false } ? "--paid goes with --live: it has every upstream answer with one token."
        : arguments is { Effective: true, Live: true, Json: false } ? "--effective and --live together are printed with --json only."
        : null;

    private static Task WriteAsync(CheckArguments arguments, string path, GatewayConfig config, int warnings, ImmutableArray<LiveFinding>? live, TextWriter output)
    {
        if (arguments.Effective)
        {
            return output.WriteAsync(EffectiveConfigWriter.WriteWithOrigins(config));
        }

        var verdict = warnings == 0 ? "valid" : "can be used, but read the warnings";
        var summary = $"{path}: {verdict}, {Counted.Of(config.Upstreams.Length, "upstream")}, {Counted.Of(config.Profiles.Length, "profile")}, {Counted.Of(warnings, "warning")}\n";
        return output.WriteAsync(live is { } findings ? $"{summary}\n{LiveTable.Write(findings)}" : summary);
    }
}

/// <summary>What was said on the command line.</summary>
/// <param name="Config">Value of <c>--config</c>; null = found by <see cref="ConfigLocator"/>.</param>
internal sealed record CheckArguments(string? Config)
{
    /// <summary>What <c>serve</c> would be told about where to listen.</summary>
    public ListenArguments Listen { get; init; } = new();

    /// <summary>Print the effective configuration with the origin of each value, and nothing else.</summary>
    public bool Effective { get; init; }

    /// <summary>Warnings count as errors.</summary>
    public bool Strict { get; init; }

    /// <summary>Ask every upstream.</summary>
    public bool Live { get; init; }

    /// <summary>Have every upstream answer too, which costs a few tokens.</summary>
    public bool Paid { get; init; }

    /// <summary>One JSON object on standard output, and nothing else.</summary>
    public bool Json { get; init; }
}
