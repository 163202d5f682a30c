using System.Text;
using Synthwave.Commands.Admin;
using Synthwave.Commands.Lines;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands;

/// <summary><c>synthwave explain</c>: how one answer came about, in sentences and as a timeline, or as JSON.</summary>
internal static class ExplainCommand
{
    /// <summary>Exit code: 0, or 1 with the reason on <paramref name="error"/>.</summary>
    public static async Task<int> RunAsync(AdminClient client, string requestId, bool json, bool content, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var path = $"requests/{Uri.EscapeDataString(requestId)}";
        if (json)
        {
            var (body, failure) = await client.GetAsync(path, cancellationToken);
            await (body is null ? error.WriteLineAsync($"synthwave: {failure}") : output.WriteLineAsync(Encoding.UTF8.GetString(body)));
            return body is null ? ExitCodes.Failed : ExitCodes.Ok;
        }

        var (entry, problem) = await client.GetAsync(path, JournalJson.Default.JournalEntry, cancellationToken);
        if (entry is null)
        {
            await error.WriteLineAsync($"synthwave: {problem}");
            return ExitCodes.Failed;
        }

        await output.WriteAsync(RequestStory.Tell(entry));
        if (content)
        {
            await output.WriteAsync(entry is { Prompt: null, Answer: null }
                ? "\nNo prompt or answer is kept of it. Set [history] content = true to have those of later requests.\n"
                : $"\nRequest\n{PlainText.OfLines(entry.Prompt)}\n\nAnswer\n{PlainText.OfLines(entry.Answer)}\n");
        }

        return ExitCodes.Ok;
    }
}
