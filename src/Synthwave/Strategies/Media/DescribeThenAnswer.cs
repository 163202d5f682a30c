using System.Buffers;
using System.Collections.Immutable;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Strategies.Caps;
using Synthwave.Strategies.Prompts;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.Media;

/// <summary>
/// Images for an ensemble that cannot see: each is described by a vision endpoint, its description stands where it stood, and the ensemble answers.
/// <code>
/// image 1 ─► known, or described ─┐
/// image 2 ─► known, or described ─┼─► text in its place ─► ensemble
/// image n ─► …                    ┘
/// no description at all, or caps that leave too little for the ensemble ─► the vision endpoints answer themselves
/// </code>
/// Describing takes at most half of the request's time and money, and leaves one call.
/// </summary>
internal sealed class DescribeThenAnswer(
    VisionConfig vision, ImmutableArray<IUpstream> endpoints, IStrategy ensemble, MediaCascade otherwise, ImageDescriptions descriptions) : IStrategy
{
    private const int AtOnce = 4;

    private static readonly TimeSpan LongestStage = TimeSpan.FromSeconds(120);

    public StrategyKind Kind => ensemble.Kind;

    public async Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        var messages = dispatch.Views.Whole.Messages;
        var images = MediaParts.Images(messages);
        var described = await DescribeAsync(images, dispatch, cancellationToken);
        var rest = dispatch with { Spending = dispatch.Spending.Rest() };
        if (described.All(d => d is null))
        {
            return await otherwise.RunAsync(rest, cancellationToken);
        }

        var number = 0;
        var rewritten = MediaParts.Replace(messages, (kind, _) => kind is Modalities.Image ? Tell(++number, described[number - 1]) : null) ?? messages;
        dispatch.Report.Media = new MediaReport { Path = "vision", DescribeChars = described.Sum(d => d is null ? 0 : RunesOf(d)) };
        var told = rest with { Views = dispatch.Views.Told(rewritten) };
        var reply = await ensemble.RunAsync(told, cancellationToken);
        return reply is FailedReply { Error.Code: CapPlanner.Unsatisfied } ? await otherwise.RunAsync(rest, cancellationToken) : reply;
    }

    private static string Tell(int number, string? description) => ImageWords.Numbered(number) is var image && description is null
        ? ImageWords.NotDescribed(image)
        : ImageWords.Told(image, description);

    private static int RunesOf(string text) => text.EnumerateRunes().Count();

    private async Task<string?[]> DescribeAsync(List<ReadOnlyMemory<byte>> images, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var half = dispatch.Clock.Deadline.Remaining / 2;
        var stage = new Stage(dispatch, dispatch.Clock.Deadline.Within(half < LongestStage ? half : LongestStage), AllowanceFor(dispatch));
        var described = images.Select(image => descriptions.Find(image, dispatch.Report.Caller.Owner)).ToArray();
        var first = vision.DescribeImageCap > 0 ? Math.Max(0, images.Count - vision.DescribeImageCap) : 0;
        var unknown = Enumerable.Range(first, images.Count - first).Where(i => described[i] is null);
        await Parallel.ForEachAsync(unknown, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, token) =>
            described[i] = await DescribeAsync(images[i], stage, token));
        return described;
    }

    private static CallAllowance AllowanceFor(Dispatch dispatch)
    {
        var left = dispatch.Spending.Allowance.Left;
        return new CallAllowance(left with { MaxCalls = left.MaxCalls - 1, MaxCostUsd = left.MaxCostUsd / 2 });
    }

    private async Task<string?> DescribeAsync(ReadOnlyMemory<byte> image, Stage stage, CancellationToken cancellationToken)
    {
        var body = BodyFor(image);
        var dispatch = stage.Dispatch;
        foreach (var endpoint in endpoints)
        {
            var worst = dispatch.Spending.IsLimited ? dispatch.EstimateOf(endpoint, body).WorstCaseUsd : null;
            if (stage.Deadline.IsOver || !stage.Allowance.TryTake(worst) || !dispatch.Spending.Allowance.TryTake(worst))
            {
                return null;
            }

            var call = new UpstreamCall { Body = body, Role = CallRole.Describer, Deadline = stage.Deadline, IsLastChance = endpoint == endpoints[^1] };
            var reply = await endpoint.CallAsync(call, dispatch.Report, cancellationToken);
            if (reply is CompleteUpstreamReply complete
                && complete.Clean(dispatch.PolicyFor(endpoint.Config, exposeReasoning: false, rescue: true) with { Brand = null, Contract = null }) is { IsUsable: true } clean
                && clean.Completion.Text.Trim() is { Length: > 0 } text)
            {
                return descriptions.Keep(image, dispatch.Report.Caller.Owner, text);
            }
        }

        return null;
    }

    private ChatBody BodyFor(ReadOnlyMemory<byte> image)
    {
        var output = new ArrayBufferWriter<byte>(image.Length + 1024);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, "describe"u8);
            json.WriteStartArray("messages"u8);
            json.WriteStartObject();
            json.WriteString("role"u8, "system"u8);
            json.WriteString("content"u8, vision.DescribePrompt ?? ImageWords.Describe);
            json.WriteEndObject();
            json.WriteStartObject();
            json.WriteString("role"u8, "user"u8);
            json.WriteStartArray("content"u8);
            json.WriteRawValue(MediaParts.Normalise(image).Span);
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, ImageWords.Ask);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteNumber("max_tokens"u8, vision.DescribeMaxTokens);
            json.WriteNumber("temperature"u8, vision.DescribeTemperature);
            json.WriteEndObject();
        }

        return ChatBody.FromJson(output.WrittenMemory);
    }

    /// <summary>What describing may take.</summary>
    private sealed record Stage(Dispatch Dispatch, Deadline Deadline, CallAllowance Allowance);
}
