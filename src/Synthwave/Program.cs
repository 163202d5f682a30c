using System.CommandLine;
using System.CommandLine.Invocation;
using Synthwave.Commands;

// Signals belong to the verbs: a server wants its grace, not the parser's two seconds.
var parsed = CommandLine.Build().Parse(args);
if (parsed.Action is not ParseErrorAction)
{
    return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
}

foreach (var line in UsageErrors.Of(parsed))
{
    await Console.Error.WriteLineAsync(line);
}

return ExitCodes.Failed;
