using System.CommandLine;
using Synthwave.Commands.Discovery;
using Synthwave.Commands.Live;
using Synthwave.Configuration;
using Synthwave.Simulation;
using Synthwave.Upstreams.Health;

namespace Synthwave.Commands;

/// <summary>The command line: verbs, their options, and which command carries them out. Without a verb, <c>serve</c>.</summary>
internal static class CommandLine
{
    public static RootCommand Build()
    {
        var root = new RootCommand("Synthwave: several model endpoints behind one OpenAI-compatible model name.")
        {
            Demo(),
            Init(),
            Check(),
            Simulate(),
            Ping(),
            AdminVerbs.Requests(),
            AdminVerbs.Explain(),
            AdminVerbs.Top(),
            Token(),
            Providers(),
        };
        var serve = new Command("serve", "Run the gateway (the default).");
        root.Add(serve);
        AddServe(serve);
        AddServe(root);
        return root;
    }

    private static void AddServe(Command command)
    {
        var config = ConfigOption();
        var listen = new ListenOptions();
        var strict = new Option<bool>("--strict") { Description = "Refuse to start on configuration warnings." };
        command.Add(config);
        listen.AddTo(command);
        command.Add(strict);
        var watch = new Option<bool>("--watch") { Description = "Show requests, drafts, decisions, cost and upstreams as they are, on a terminal." };
        command.Add(watch);
        command.SetAction((parsed, _) => ServeCommand.RunAsync(
            new ServeArguments(parsed.GetValue(config), listen.Of(parsed), parsed.GetValue(strict), parsed.GetValue(watch)),
            Console.Error,
            Environment.GetEnvironmentVariable));
    }

    private static Command Demo()
    {
        var port = PortOption.Of(new Option<int>("--port") { Description = "Port of the gateway.", DefaultValueFactory = _ => 8400 }, min: 1);
        var command = new Command("demo", "Start three simulated models and a gateway, and show each request as it happens.") { port };
        command.SetAction((parsed, cancellationToken) => DemoCommand.RunAsync(parsed.GetValue(port), Console.Out, Console.Error));
        return command;
    }

    private static Command Init()
    {
        var output = new Option<string>("--output") { Description = "File to write; never overwritten.", DefaultValueFactory = _ => "meta-model.toml" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Take everything that is found, without a question." };
        var command = new Command("init", """
            Look for model servers and key variables, and write a configuration.

            On a terminal it asks which of the endpoints found are wanted; elsewhere, and with --yes, it takes all of them. Local servers are looked for at
            their usual ports, providers by the variables their keys are usually kept in. No key is written: the file names the variable.

            Example:
              OPENAI_API_KEY=... synthwave init --output meta-model.toml
              synthwave serve --config meta-model.toml
            """) { output, yes };
        command.SetAction((parsed, cancellationToken) => RunInitAsync(parsed.GetValue(output)!, parsed.GetValue(yes), cancellationToken));
        return command;
    }

    private static Command Check()
    {
        var config = ConfigOption();
        var listen = new ListenOptions();
        var effective = new Option<bool>("--effective") { Description = "Print the effective configuration, secrets as ***, and where each value comes from." };
        var strict = new Option<bool>("--strict") { Description = "Warnings are errors." };
        var live = new Option<bool>("--live") { Description = "Ask every upstream: is it reached, is the key taken, is the model listed. Costs nothing." };
        var paid = new Option<bool>("--paid") { Description = "With --live: have every upstream answer with one token, which is charged for." };
        var json = Json();
        var command = new Command("check", """
            Validate the configuration and name every problem, without starting anything.

            With --host, --port or --urls it says what 'serve' would say with them.
            """) { config, effective, strict, live, paid, json };
        listen.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CheckCommand.RunAsync(
            new CheckArguments(parsed.GetValue(config))
            {
                Listen = listen.Of(parsed),
                Effective = parsed.GetValue(effective),
                Strict = parsed.GetValue(strict),
                Live = parsed.GetValue(live),
                Paid = parsed.GetValue(paid),
                Json = parsed.GetValue(json),
            },
            Console.Out,
            Console.Error,
            Environment.GetEnvironmentVariable,
            TimeProvider.System,
            cancellationToken));
        return command;
    }

    private static Command Token()
    {
        var json = Json();
        var command = new Command("token", "Print one random token for clients, and how to put it to use. In $(synthwave token) it is the token alone.") { json };
        command.SetAction((parsed, _) => TokenCommand.RunAsync(parsed.GetValue(json), Console.IsOutputRedirected, Console.Out));
        return command;
    }

    private static Command Providers()
    {
        var json = Json();
        json.Recursive = true;
        var id = new Argument<string>("provider") { Description = "As the configuration and 'synthwave providers' call it." };
        var list = new Command("list", "List the providers that are known (the default).");
        var show = new Command("show", "Tell what is known of one provider: addresses, key variables, quirks, pages, models.") { id };
        var keys = new Command("keys", "List the variables that may hold keys, and which are set. No key is shown.");
        list.SetAction((parsed, _) => Verb().ListAsync(parsed.GetValue(json)));
        show.SetAction((parsed, _) => Verb().ShowAsync(parsed.GetValue(id)!, parsed.GetValue(json)));
        keys.SetAction((parsed, _) => Verb().KeysAsync(parsed.GetValue(json)));
        var command = new Command("providers", """
            Tell which providers are known: with provider = "NAME" and model_id an upstream needs nothing else.

            Example:
              synthwave providers
              synthwave providers show synthetic
              synthwave providers keys
            """) { json, list, show, keys };
        command.SetAction((parsed, _) => Verb().ListAsync(parsed.GetValue(json)));
        return command;

        static ProvidersCommand Verb() => new(Environment.GetEnvironmentVariable, Terminal.Open(Environment.GetEnvironmentVariable), Console.Out, Console.Error);
    }

    private static Command Simulate()
    {
        var config = new Option<string?>("--config") { Description = "File with [models.<id>] tables." };
        var example = new Option<bool>("--example") { Description = "Print a file that explains every key, and end." };
        var host = new Option<string>("--host") { Description = "Address to listen on.", DefaultValueFactory = _ => SimulateCommand.DefaultHost };
        var port = PortOption.Of(new Option<int>("--port") { Description = "Port to listen on.", DefaultValueFactory = _ => SimulateCommand.DefaultPort }, min: 0);
        var command = new Command("simulate", """
            Run scripted models that behave, or misbehave, as a file tells: for trying a configuration and for tests, without any real model.

            Example:
              synthwave simulate --example > simulate.toml
              synthwave simulate --config simulate.toml
              curl http://127.0.0.1:8500/v1/models
            """) { config, host, port, example };
        command.Validators.Add(result =>
        {
            // Whether they were said: the value of one that is said wrongly cannot be asked for.
            if (result.GetResult(config) is null && result.GetResult(example) is null)
            {
                result.AddError("--config is required: the file with the models. --example prints one to begin with.");
            }
        });
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(example))
            {
                await Console.Out.WriteAsync(SimulationFile.Example());
                return ExitCodes.Ok;
            }

            using var signal = new StopSignal();
            return await SimulateCommand.RunAsync(
                parsed.GetValue(config)!, parsed.GetValue(host)!, parsed.GetValue(port), Console.Out, Console.Error, TimeProvider.System, signal.Token);
        });
        return command;
    }

    private static Command Ping()
    {
        var config = ConfigOption();
        var host = new Option<string?>("--host") { Description = "Host to ask; beats the file." };
        var port = PortOption.Of(new Option<int?>("--port") { Description = "Port to ask; beats the file." }, min: 1);
        var url = new Option<string?>("--url") { Description = "Address to ask instead of the gateway's /healthz." };
        var command = new Command("ping", "Exit 0 when the gateway answers, else 1.") { config, host, port, url };
        command.Validators.Add(result =>
        {
            if (result.GetResult(url) is not null && (result.GetResult(config) ?? result.GetResult(host) ?? result.GetResult(port)) is not null)
            {
                result.AddError("--url is the whole address: it cannot be combined with --config, --host or --port.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunPingAsync(
            parsed.GetValue(url) ?? ServedUrl(parsed.GetValue(config), parsed.GetValue(host), parsed.GetValue(port)), cancellationToken));
        return command;
    }

    private static string ServedUrl(string? config, string? host, int? port)
    {
        var path = ConfigLocator.Locate(config, Environment.GetEnvironmentVariable, Directory.GetCurrentDirectory()).Path;
        return ServedAddress.Find(host, port, path, Environment.GetEnvironmentVariable);
    }

    private static async Task<int> RunInitAsync(string output, bool takesAll, CancellationToken cancellationToken)
    {
        var isAsked = !takesAll && !Console.IsInputRedirected && !Console.IsOutputRedirected;
        var services = new ServiceCollection();
        ListingClients.AddTo(services, Environment.GetEnvironmentVariable);
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<ListingClients>().Through("env");
        var init = new InitCommand(http, Environment.GetEnvironmentVariable, Console.Out, Console.Error, TimeProvider.System)
        {
            Questions = isAsked ? new EndpointQuestions(Console.In, Console.Out) : null,
        };
        return await init.RunAsync(output, cancellationToken);
    }

    private static async Task<int> RunPingAsync(string url, CancellationToken cancellationToken)
    {
        // A path such as /healthz is an absolute URI too: one of a file.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https"))
        {
            await Console.Error.WriteLineAsync($"synthwave: '{url}' is no http or https URL.");
            return ExitCodes.Failed;
        }

        using var http = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        return await PingCommand.RunAsync(target, http, Console.Error, TimeProvider.System, cancellationToken);
    }

    private static Option<bool> Json() => new("--json") { Description = "Print JSON for other programs." };

    private static Option<string?> ConfigOption() =>
        new("--config") { Description = "Configuration file. Beats META_MODEL_CONFIG, which beats ./meta-model.toml." };
}
