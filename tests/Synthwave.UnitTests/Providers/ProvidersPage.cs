using System.Text;
using Synthwave.Commands;
using Synthwave.Providers;

namespace Synthwave.UnitTests.Providers;

/// <summary>Writes <c>docs/providers.md</c> from the presets.</summary>
internal static class ProvidersPage
{
    private const string Head = """
        # Providers

        An upstream at a provider that is known needs two lines. Address, protocol, the way the key is shown, the variable that holds it and what the endpoint wants otherwise than most
        come from the provider's preset; window, longest answer, modalities and price come from the list of models that is part of the program.

        ```toml
        [upstreams.coder]
        provider = "synthetic"
        model_id = "hf:zai-org/GLM-5.2"

        [profiles.code]
        type = "cascade"
        upstreams = ["coder"]
        ```

        What the upstream's own table says wins. `synthwave check --effective` shows behind each value who told it: `preset synthetic`, `curated list 2026-11`, or the line of the file.

        ```sh
        synthwave providers
        synthwave providers show synthetic
        synthwave providers keys
        ```

        ## Keys

        The first variable of the table below that is set holds the key; `api_key_env`, `api_key_file`, `api_key`, `api_key_from` or basic authentication in the upstream's table take its place. A key
        that is not there is a warning which names the provider, the variables tried and the upstreams that cannot be called; the rest of the gateway starts.

        A key that comes from a preset goes to the provider's own hosts and nowhere else, over TLS. With a `base_url` at another host it is not sent, and a warning says which line would send it. Values
        of variables that are part of an address may be a name or an id, nothing that moves the address.

        ## Models

        The list knows some models of most providers, each with the source of its facts and a date; unknown is left out, and never zero. A price is the provider's own. What a subscription includes has
        no price. For a model that is not in the list `context` and `max_output` are to be written, and the error says so with its place.

        ## Providers of your own

        `[providers.…]` says what several upstreams have in common, on top of a preset or without one. Every key of `[upstreams.…]` that is about the endpoint may stand there. A table with the name of a
        preset stands before it.

        ```toml
        [providers.inside]
        extends = "vllm"
        base_url = "http://10.0.0.5:8000/v1"
        api_key_env = "INSIDE_API_KEY"
        max_concurrency = 4

        [upstreams.some]
        provider = "inside"
        model_id = "Qwen/Qwen3-8B"
        context = 32768
        max_output = 4096
        ```

        ## Add a provider

        One entry in [presets.json](../src/Synthwave/Providers/presets.json) is all: where its API starts for each kind of call, how the key is shown and which variables hold it, how it writes ids, what it
        charges for, its pages, and who says so, with the date. `extends` takes everything but addresses from an entry above it. A quirk is a key of `[upstreams.….openai]` or of the upstream by its
        name; only an endpoint that wants what no key can say needs code, in [Upstreams/Protocols](../src/Synthwave/Upstreams/Protocols). Tests read the list, check its rules and call every provider at its address through a
        proxy that answers for it. This page follows:

        ```sh
        SYNTHWAVE_REWRITE=1 dotnet test tests/Synthwave.UnitTests --filter GeneratedFilesTests
        ```

        Models go into [models.json](../src/Synthwave/Providers/models.json), one line each.

        ## The providers that are known


        """;

    public static string Write()
    {
        var page = new StringBuilder(Head);
        page.Append("| provider | name | key | chat | messages | billing | wants |\n|---|---|---|---|---|---|---|\n");
        foreach (var preset in PresetCatalog.BuiltIn.All)
        {
            var name = preset.Urls.Console is { } console ? $"[{preset.Name}]({console})" : preset.Name;
            var keys = string.Join(", ", preset.Keys.Select(k => $"`{k}`")) + (preset.IsKeyOptional ? " if it asks for one" : "");
            page.Append($"| `{preset.Id}` | {name} | {keys} | {Address(preset.Bases.Chat)} | {Address(preset.Bases.Messages)} | {preset.Billing.ToString().ToLowerInvariant()} | {ProviderDetail.QuirkWords(preset.Quirks) ?? ""} |\n");
        }

        page.Append($"\nThe list of models is of {CuratedModels.BuiltIn.Date} and knows {CuratedModels.BuiltIn.All.Length} of them:\n\n| provider | models |\n|---|---|\n");
        foreach (var preset in PresetCatalog.BuiltIn.All.Where(p => CuratedModels.BuiltIn.At(p.Id).Any()))
        {
            page.Append($"| `{preset.Id}` | {string.Join(", ", CuratedModels.BuiltIn.At(preset.Id).Select(m => $"`{m.Id}`"))} |\n");
        }

        return page.ToString();
    }

    private static string Address(string? url) => url is null ? "" : $"`{url}`";
}
