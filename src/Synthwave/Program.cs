using System.CommandLine;
using Synthwave.Commands;

// Signals belong to the verbs: a server wants its grace, not the parser's two seconds.
return await CommandLine.Build().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
