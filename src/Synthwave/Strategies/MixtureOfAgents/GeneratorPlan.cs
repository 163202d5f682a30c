using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Which generators can hold this request, and what each is sent. Token figures are estimates.</summary>
internal sealed record GeneratorPlan(ImmutableArray<Generator> Generators, ImmutableArray<KeyValuePair<string, string>> Skipped, bool AllCircuitsOpen)
{
    /// <summary>Kept free for the answer when the client asks for less or nothing.</summary>
    private const int DefaultReserve = 2000;

    private const int SafetyMargin = 512;

    public static GeneratorPlan Create(ImmutableArray<Generator> generators, Dispatch dispatch, int toolsTokens)
    {
        var needed = Needed(dispatch, toolsTokens);
        var fitting = generators.Where(g => g.Upstream.Config.Context >= needed).ToImmutableArray();
        var skipped = generators.Except(fitting).Select(g => KeyValuePair.Create(g.Label, "context"));
        return new(fitting, [.. skipped], fitting.All(g => g.Upstream.IsCircuitOpen));
    }

    /// <summary>The client's body with the generator's temperature, and an output cap lowered to what its window leaves.</summary>
    public static ChatBody BodyFor(Generator generator, ChatBody body, MoaProfileConfig profile, Dispatch dispatch)
    {
        var edited = body.WithNumber("temperature", generator.Temperature);
        if (dispatch.Request.MaxTokens is not { } asked)
        {
            return edited;
        }

        var tools = profile.StripTools ? 0 : dispatch.Request.ToolsTokens;
        var ceiling = generator.Upstream.Config.Context - dispatch.PromptTokens - tools - Math.Max(SafetyMargin, dispatch.PromptTokens / 32);
        var name = body.TryGet("max_tokens", out var value) && !value.Span.SequenceEqual("null"u8) ? "max_tokens" : "max_completion_tokens";
        return asked > ceiling ? edited.WithNumber(name, Math.Max(1, ceiling)) : edited;
    }

    /// <summary>413: nobody's window holds the request.</summary>
    public static GatewayError ToContextError(Dispatch dispatch)
    {
        var message = $"The request needs about {Needed(dispatch, dispatch.Report.ToolsTokens ?? 0)} tokens (prompt {dispatch.PromptTokens}, "
            + $"tools {dispatch.Report.ToolsTokens ?? 0}, answer and margin the rest), more than any generator's context window. "
            + "Shorten the conversation or lower max_tokens.";
        return new GatewayError(413, "context_length_exceeded", message) { Type = "invalid_request_error" };
    }

    private static int Needed(Dispatch dispatch, int toolsTokens) =>
        (int)Math.Min(int.MaxValue, (long)dispatch.PromptTokens + toolsTokens + Math.Max(DefaultReserve, dispatch.Request.MaxTokens ?? 0) + SafetyMargin);
}
