using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Strategies.MixtureOfAgents.Compaction;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Which generators can hold this request, and what each is sent. A generator's window is divided like this:
/// <code>
/// │ leading system + newest user turn │ history, newest first │ tools │ answer: max(2000, min(asked, max_output)) │ 512 │
/// </code>
/// Who cannot hold the first part is left out; nobody is sent less because another one's window is small. Windows are compared with calibrated
/// estimates, reported figures are plain ones.
/// </summary>
internal sealed class GeneratorPlan
{
    /// <summary>Tokens kept free for the answer when the client asks for less or nothing.</summary>
    private const int DefaultReserve = 2000;

    /// <summary>Tokens the estimate may be wrong by.</summary>
    private const int SafetyMargin = 512;

    private readonly Dictionary<string, Seat> _seats;
    private readonly Dispatch _dispatch;
    private readonly Refusal? _refusal;
    private readonly bool _allRest;

    private GeneratorPlan(
        ImmutableArray<Generator> generators, ImmutableArray<KeyValuePair<string, string>> skipped, Dictionary<string, Seat> seats, Dispatch dispatch, Refusal? refusal)
    {
        (Generators, Skipped, _seats, _dispatch, _refusal) = (generators, skipped, seats, dispatch, refusal);
        _allRest = generators.All(g => g.Upstream.Resting is not null);
        CompactedN = seats.Count == 0 ? 0 : seats.Values.Max(s => s.Dropped);
        PromptTokensOut = seats.Count == 0 ? 0 : seats.Values.Min(s => s.MessageTokens);
    }

    public ImmutableArray<Generator> Generators { get; }

    /// <summary>Generators whose window cannot hold the request, each with the reason <c>context</c>.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Skipped { get; }

    /// <summary>Most message groups dropped for one generator.</summary>
    public int CompactedN { get; }

    /// <summary>Fewest message tokens sent to one generator, estimated.</summary>
    public int PromptTokensOut { get; }

    /// <summary>The plan when every generator is sent tools of <paramref name="toolsTokens"/> estimated tokens.</summary>
    public static GeneratorPlan Create(ImmutableArray<Generator> generators, Dispatch dispatch, int toolsTokens) =>
        Create(generators, dispatch, _ => toolsTokens);

    /// <summary>The same plan for some of its generators.</summary>
    public GeneratorPlan Only(IEnumerable<Generator> generators)
    {
        ImmutableArray<Generator> kept = [.. generators];
        return new(kept, Skipped, kept.ToDictionary(g => g.Label, g => _seats[g.Label], StringComparer.Ordinal), _dispatch, _refusal);
    }

    /// <param name="generators">In config order.</param>
    /// <param name="dispatch">The request.</param>
    /// <param name="toolsTokens">Estimated tokens of the tools each of them is sent.</param>
    public static GeneratorPlan Create(ImmutableArray<Generator> generators, Dispatch dispatch, Func<Generator, int> toolsTokens)
    {
        var fitting = ImmutableArray.CreateBuilder<Generator>(generators.Length);
        var skipped = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var seats = new Dictionary<string, Seat>(generators.Length, StringComparer.Ordinal);
        var fits = new Dictionary<(ChatBody View, int Budget), FittedConversation?>();
        var conversations = new Dictionary<ChatBody, Conversation>();
        Refusal? refusal = null;
        foreach (var generator in generators)
        {
            var tools = toolsTokens(generator);
            var reserve = Reserve(generator.Upstream.Config, dispatch.Request.MaxTokens);
            var window = generator.Upstream.Config.Context;
            var budget = generator.Upstream.Calibration.ToEstimate(Math.Max(0, window - reserve - SafetyMargin)) - tools;
            var view = dispatch.Views.For(generator.Upstream.Config);
            if (budget > 0 && view.PromptTokens <= budget)
            {
                fitting.Add(generator);
                seats[generator.Label] = new Seat(view.Body == dispatch.Views.Whole.Body ? default(ReadOnlyMemory<byte>?) : view.Messages, view.PromptTokens, tools, Dropped: 0);
                continue;
            }

            if (!conversations.TryGetValue(view.Body, out var conversation))
            {
                conversations.Add(view.Body, conversation = Conversation.Of(view.Messages));
            }

            if (!fits.TryGetValue((view.Body, budget), out var fitted))
            {
                fits.Add((view.Body, budget), fitted = budget > 0 ? conversation.Fit(budget) : null);
            }

            if (fitted is null)
            {
                skipped.Add(KeyValuePair.Create(generator.Label, "context"));
                refusal = refusal is null || budget > refusal.Budget ? new Refusal(conversation.LeastTokens, tools, reserve, window, budget) : refusal;
                continue;
            }

            fitting.Add(generator);
            seats[generator.Label] = new Seat(fitted.Messages, fitted.Tokens, tools, fitted.Dropped);
        }

        return new(fitting.ToImmutable(), skipped.ToImmutable(), seats, dispatch, refusal);
    }

    /// <summary>The call for a draft: retried where nobody else drafts, through an open breaker where all are open.</summary>
    public UpstreamCall CallTo(Generator generator, ChatBody body, Deadline deadline) => new()
    {
        Body = BodyFor(generator, body),
        Role = CallRole.Generator,
        Deadline = deadline,
        MayRetry = Generators.Length == 1,
        IsLastChance = _allRest,
        Label = generator.Label,
        PromptTokens = _dispatch.Views.TextTokens(PromptTokensFor(generator)),
    };

    /// <summary>
    /// <paramref name="body"/> with the generator's messages and temperature, and an output cap lowered to its <c>max_output</c> and to what its window
    /// leaves. A client who sends no cap gets none added: the upstream's own default stays in charge.
    /// </summary>
    public ChatBody BodyFor(Generator generator, ChatBody body)
    {
        var seat = _seats[generator.Label];
        var edited = body.WithNumber("temperature", generator.Temperature);
        if (seat.Messages is { } messages)
        {
            edited = edited.With("messages", messages);
        }

        if (_dispatch.Request.MaxTokens is not { } asked)
        {
            return edited;
        }

        var config = generator.Upstream.Config;
        var prompt = generator.Upstream.Calibration.ToCounted(seat.PromptTokens);
        var ceiling = Math.Min(config.ClampMaxTokens ? config.MaxOutput : int.MaxValue, config.Context - prompt - Math.Max(SafetyMargin, prompt / 32));
        var name = body.TryGet("max_tokens", out var value) && !value.Span.SequenceEqual("null"u8) ? "max_tokens" : "max_completion_tokens";
        return asked > ceiling ? edited.WithNumber(name, Math.Max(1, ceiling)) : edited;
    }

    /// <summary>Estimate of what <see cref="BodyFor"/> gives: messages and tools.</summary>
    public int PromptTokensFor(Generator generator) => _seats[generator.Label].PromptTokens;

    /// <summary>413: nobody's window holds what must be kept. The figures are those of the generator with the most room.</summary>
    public GatewayError ToContextError()
    {
        var message = _refusal is not { } r
            ? "No generator is left for this request."
            : $"No generator's context window holds this request: at least {r.LeastTokens} of its {_dispatch.Views.Whole.PromptTokens} prompt tokens must be kept (system messages "
                + $"and the newest turn), tools take {r.Tools}, the answer {r.Reserve}, a margin {SafetyMargin}; the roomiest generator has {r.Window}. "
                + "Shorten the newest message or the system messages, or lower max_tokens.";
        return new GatewayError(413, "context_length_exceeded", message) { Type = "invalid_request_error" };
    }

    private static int Reserve(UpstreamConfig upstream, int? asked) => Math.Max(DefaultReserve, Math.Min(asked ?? 0, upstream.MaxOutput));

    /// <summary>What one generator is sent: the messages it can read, fitted; null = the body's own.</summary>
    private sealed record Seat(ReadOnlyMemory<byte>? Messages, int MessageTokens, int Tools, int Dropped)
    {
        public int PromptTokens => MessageTokens + Tools;
    }

    private sealed record Refusal(int LeastTokens, int Tools, int Reserve, int Window, int Budget);
}
