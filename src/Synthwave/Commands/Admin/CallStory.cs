using System.Globalization;
using Synthwave.Commands.Lines;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands.Admin;

/// <summary>One upstream call as a sentence, and what its operator can do where it failed. Pure.</summary>
internal static class CallStory
{
    public static string Tell(JournalCall call)
    {
        var who = $"{PlainText.Of(call.Upstream)} ({PlainText.Of(call.Model)})";
        var after = RequestStory.Seconds(call.ElapsedMs);
        var said = call.Detail is { } detail ? $" It said: {PlainText.Of(detail)}" : "";
        var tries = call.Attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $" It took {call.Attempts} attempts.") : "";
        var hedge = call.Hedge ? call.Won ? " It was asked as a second one, because the first was late, and was quicker." : " It was asked as a second one, because the first was late." : "";
        var rescued = call.Rescued ? " It wrote no answer, so its reasoning was taken for one." : "";
        var cut = call.Finish is "length" ? " It was stopped by its token limit." : "";
        return call.Outcome switch
        {
            "success" => $"{who} {Deed(call.Role)} in {after}.{tries}{hedge}{rescued}{cut}",
            "running" => $"{who} is at work since {after}.{tries}{hedge}",
            "cancelled" => $"{who} was cut after {after}: nobody waited for it any longer.{tries}{hedge}",
            _ => $"{who} failed after {after}: {Why(call)}.{tries}{hedge}{said}",
        };
    }

    /// <summary>What to do about a failed call; null = nothing, or it did not fail.</summary>
    public static string? Advice(JournalCall call)
    {
        if (call.Outcome is not "failed")
        {
            return null;
        }

        var name = PlainText.Of(call.Upstream.Split('#')[0]);
        return call.Reason switch
        {
            "timeout" => $"{name} is too slow for its limits: raise its timeouts or the profile's, or take a quicker model.",
            "transport" => call.Transport switch
            {
                "refused" => $"Nothing listens at the base_url of {name}: start its server, or correct the address.",
                "dns" => $"The host in the base_url of {name} is not found: check its spelling and the name server.",
                "tls" => $"The certificate of {name} is not accepted: set its tls.ca_file, or correct the address.",
                "proxy" => $"The proxy in front of {name} does not let it through: check its proxy key and HTTPS_PROXY.",
                _ => $"The connection to {name} broke: look at its server and at the network between.",
            },
            "auth_unconfigured" => $"The key of {name} is missing: set the variable that its api_key_env names.",
            "context" => $"The request is longer than {name} can read: check its context, or take a model with a larger one.",
            "blank" => $"{name} wrote nothing: raise max_tokens if it is a reasoning model, or look at its chat template.",
            "too_large" => $"The reply of {name} was larger than max_reply_mb allows.",
            "circuit_open" => $"{name} failed repeatedly and is left alone for some seconds: its earlier failures tell why.",
            "rate_limited" => $"{name} asked to be left alone for a while: spread the load over more keys or upstreams, or ask for a higher limit.",
            "overloaded" => $"All places of {name} were taken: raise its max_concurrency or queue_secs, or add an upstream.",
            "undeclared_tool" or "tool_required_unmet" or "tool_choice_unmet" or "dual_shape_response" => $"{name} does not keep to the tools it is given: leave it out of profiles that agents use.",
            "stream_broken" => $"The stream of {name} ended in its middle: look at its server's log, and at proxies between with a time limit.",
            "non_json" => $"What {name} sends is no JSON of the protocol: check that its base_url ends where the API begins, usually in /v1.",
            "non_2xx" => call.Status switch
            {
                401 or 403 => $"{name} refuses the key: check the key and what it may do.",
                402 => $"The account at {name} has no credit left.",
                404 => $"{name} does not know the model or the path: check its model_id and base_url.",
                429 => $"{name} is limited in rate: spread the load over more keys or upstreams, or ask for a higher limit.",
                >= 500 => $"{name} is in trouble itself: its status page or its server's log tells more.",
                _ => null,
            },
            _ => null,
        };
    }

    private static string Deed(string role) => role switch
    {
        "generator" => "gave a draft",
        "synthesizer" => "wrote the answer",
        "voter" => "gave its vote",
        "describer" => "described the pictures",
        _ => "answered",
    };

    private static string Why(JournalCall call)
    {
        var status = call.Status is { } code ? string.Create(CultureInfo.InvariantCulture, $"HTTP {code}") : null;
        var reason = PlainText.Of(call.Transport is { } transport ? $"{call.Reason}, {transport}" : call.Reason ?? "it did not say why");
        return status is null ? reason : $"{reason}, {status}";
    }
}
