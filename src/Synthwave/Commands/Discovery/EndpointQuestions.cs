using System.Collections.Immutable;

namespace Synthwave.Commands.Discovery;

/// <summary>Asks somebody at a terminal which of the endpoints found should be part of the configuration.</summary>
/// <param name="answers">What is typed; its end counts as no.</param>
/// <param name="output">Where the questions appear.</param>
internal sealed class EndpointQuestions(TextReader answers, TextWriter output)
{
    /// <summary>The wanted ones, in their order.</summary>
    public async Task<ImmutableArray<EndpointFound>> ChooseAsync(ImmutableArray<EndpointFound> found, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", found.Select(static f => f.Endpoint.Title));
        var all = await AskAsync($"Add {names}? [y]es, all of them; [e]ach by itself; [n]one: ", ['y', 'e', 'n'], cancellationToken);
        if (all is 'y' or 'n')
        {
            return all is 'y' ? found : [];
        }

        var chosen = ImmutableArray.CreateBuilder<EndpointFound>();
        foreach (var endpoint in found)
        {
            var key = endpoint.Endpoint.KeyVariable is { } variable ? $" with the key in {variable}" : "";
            if (await AskAsync($"  {endpoint.Endpoint.Title} at {endpoint.Endpoint.BaseUrl}{key}? [y/n]: ", ['y', 'n'], cancellationToken) is 'y')
            {
                chosen.Add(endpoint);
            }
        }

        return chosen.ToImmutable();
    }

    /// <summary>The letter answered; nothing typed is the first one. Asks until it understands.</summary>
    private async Task<char> AskAsync(string question, char[] letters, CancellationToken cancellationToken)
    {
        while (true)
        {
            await output.WriteAsync(question);
            await output.FlushAsync(cancellationToken);
            if (await answers.ReadLineAsync(cancellationToken) is not { } line)
            {
                await output.WriteLineAsync();
                return 'n';
            }

            var said = line.Trim();
            if (said.Length == 0)
            {
                return letters[0];
            }

            if (Array.IndexOf(letters, char.ToLowerInvariant(said[0])) >= 0)
            {
                return char.ToLowerInvariant(said[0]);
            }

            await output.WriteLineAsync($"Please answer with {string.Join(", ", letters[..^1])} or {letters[^1]}.");
        }
    }
}
