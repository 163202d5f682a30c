using System.CommandLine;
using Synthwave.Commands.Admin;
using Synthwave.Commands.Live;

namespace Synthwave.Commands;

/// <summary>The verbs that ask a running gateway's <c>/admin</c>.</summary>
internal static class AdminVerbs
{
    public static Command Requests()
    {
        var profile = new Option<string?>("--profile") { Description = "Only those of this profile." };
        var outcome = new Option<string?>("--outcome") { Description = "Only those that ended so: success, degraded, failed or cancelled." };
        var upstream = new Option<string?>("--upstream") { Description = "Only those for which this upstream was asked." };
        var since = new Option<string?>("--since") { Description = "Only those received at this time or later, such as 2030-01-31T12:00:00Z." };
        var limit = new Option<int?>("--limit") { Description = "How many finished ones at most, 1 to 500 (50)." };
        var target = new TargetOptions();
        var command = new Command("requests", "Show the running and the last finished requests of a gateway.") { profile, outcome, upstream, since, limit };
        target.AddTo(command);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, (client, output, error, isJson) => RequestsCommand.RunAsync(
            client,
            new RequestsArguments(parsed.GetValue(profile), parsed.GetValue(outcome), parsed.GetValue(upstream), parsed.GetValue(since), parsed.GetValue(limit), isJson),
            output,
            error,
            cancellationToken)));
        return command;
    }

    public static Command Explain()
    {
        var id = new Argument<string>("request-id") { Description = "As in the X-MetaModel-Request-Id header, the log and 'synthwave requests'." };
        var content = new Option<bool>("--content") { Description = "Show the prompt and the answer too, where [history] content = true keeps them." };
        var target = new TargetOptions();
        var command = new Command("explain", "Tell how one answer came about: who was asked, what failed and why, what it cost.") { id, content };
        target.AddTo(command);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(
            parsed, (client, output, error, isJson) => ExplainCommand.RunAsync(client, parsed.GetValue(id)!, isJson, parsed.GetValue(content), output, error, cancellationToken)));
        return command;
    }

    public static Command Top()
    {
        var target = new TargetOptions();
        var command = new Command("top", "Watch a running gateway: requests, drafts, decisions, cost and upstreams. Ctrl+C ends it.");
        target.AddTo(command);
        command.SetAction((parsed, cancellationToken) => target.RunAsync(parsed, async (client, output, error, isJson) =>
        {
            var top = new TopCommand(client, TimeProvider.System);
            if (isJson)
            {
                return await top.PrintJsonAsync(output, error, cancellationToken);
            }

            if (Terminal.Obstacle(Environment.GetEnvironmentVariable) is not null)
            {
                return await top.PrintAsync(Terminal.Plain(), error, cancellationToken);
            }

            // A signal is the usual end of a view, and ends nothing else in an orderly way.
            using var signal = new StopSignal();
            return await top.WatchAsync(Terminal.Drawn(Environment.GetEnvironmentVariable), signal.Token);
        }));
        return command;
    }

    /// <summary>The options that say which gateway is asked.</summary>
    private sealed class TargetOptions
    {
        private readonly Option<string?> _url = new("--url") { Description = "Address of the gateway, a path prefix included. Without it, the gateway of the configuration file on this machine." };
        private readonly Option<string?> _tokenEnv = new("--token-env") { Description = $"Environment variable that holds the admin token ({AdminTarget.TokenVariable})." };
        private readonly Option<string?> _config = new("--config") { Description = "Configuration file of the gateway. Beats META_MODEL_CONFIG, which beats ./meta-model.toml." };
        private readonly Option<bool> _json = new("--json") { Description = "Print the gateway's answer as JSON." };

        public void AddTo(Command command)
        {
            command.Add(_url);
            command.Add(_tokenEnv);
            command.Add(_config);
            command.Add(_json);
            command.Validators.Add(result =>
            {
                // The file would be read for nothing: its token is shown to its own gateway alone.
                if (result.GetResult(_url) is not null && result.GetResult(_config) is not null)
                {
                    result.AddError("--url and --config each name a gateway: say one of them.");
                }
            });
        }

        public async Task<int> RunAsync(ParseResult parsed, Func<AdminClient, TextWriter, TextWriter, bool, Task<int>> run)
        {
            var (target, problem) = TargetChoice.Find(parsed.GetValue(_url), parsed.GetValue(_tokenEnv), parsed.GetValue(_config), Environment.GetEnvironmentVariable);
            if (target is null)
            {
                await Console.Error.WriteLineAsync($"synthwave: {problem}");
                return ExitCodes.Failed;
            }

            using var http = AdminClient.CreateHttp();
            return await run(new AdminClient(http, target, TimeProvider.System), Console.Out, Console.Error, parsed.GetValue(_json));
        }
    }
}
