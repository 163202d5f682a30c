using System.Buffers;
using System.Text;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Strategies.MixtureOfAgents.Compaction;
using Synthwave.Strategies.Prompts;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// What a synthesizer is sent (the words are in <see cref="SynthesisWords"/>).
/// <code>
/// │ the client's conversation, byte for byte │ task │ drafts, fenced │
///   └ a prefix cache holds it                  └ at the end of the newest user turn, or in a turn of its own
/// </code>
/// </summary>
/// <remarks>
/// Where the synthesizer's window is too small for all of it, what must be kept of the conversation comes first, then the drafts (cut in the middle,
/// equal shares), then history.
/// </remarks>
internal sealed class SynthesisPrompt(MoaProfileConfig profile, IUpstream synthesizer, Dispatch dispatch, SynthesisTask? task = null, SynthesisPlace? place = null)
{
    private readonly SynthesisTask _task = task ?? SynthesisTask.Merge;
    private readonly MemberView _view = dispatch.Views.For(synthesizer.Config);

    /// <summary>
    /// The messages of the synthesis call; null when the window cannot hold what must be kept of the conversation and a little of each draft.
    /// </summary>
    /// <param name="drafts">At least one.</param>
    /// <param name="nonce">Seeds order and fences.</param>
    public SynthesisMessages? Compose(IEnumerable<string> drafts, string nonce)
    {
        var candidates = Candidates.Of(drafts, nonce);
        var output = SynthesisRoom.Reply(synthesizer.Config, _task.MaxOutput ?? SynthesisLimit.Of(dispatch, synthesizer.Config));
        var heading = Heading(candidates.Nonce);
        var frames = candidates.All.Select((c, i) => Frame(c, i + 1, candidates.Nonce)).ToArray();
        var bytes = candidates.All.Select(c => Encoding.UTF8.GetByteCount(c.Text)).ToArray();

        var frameTokens = TokenEstimator.Text(Encoding.UTF8.GetByteCount(heading) + frames.Sum(f => (long)f.Before.Length + f.After.Length)) + TokenEstimator.MessageOverhead + TokenEstimator.Text("user");
        var room = synthesizer.Calibration.ToEstimate(Math.Max(0, synthesizer.Config.Context - output - SynthesisRoom.Margin))
            - _task.ToolsTokens - Math.Max(frameTokens, profile.SynthPromptOverheadTokens);
        if (Divide(bytes, room) is not { } share)
        {
            return null;
        }

        var text = new ArrayBufferWriter<byte>();
        JsonText.Escape(heading, text);
        for (var i = 0; i < frames.Length; i++)
        {
            JsonText.Escape(frames[i].Before, text);
            TextCut.Write(text, JsonText.Quote(candidates.All[i].Text).AsSpan(1..^1), bytes[i], share.DraftBytes);
            JsonText.Escape(frames[i].After, text);
        }

        var composed = share.Place.Put(text.WrittenSpan);
        var prompt = (long)share.MessageTokens + share.DraftTokens + frameTokens + _task.ToolsTokens;
        var draftsCut = bytes.Count(b => b > share.DraftBytes);
        var leftOut = draftsCut + share.Dropped + share.Shortened > 0 ? new SynthesisReport(draftsCut, share.Dropped, share.Shortened) : null;
        return new(composed, TokenEstimator.Clamp(prompt), output, leftOut);
    }

    private Share? Divide(int[] draftBytes, int room)
    {
        var wanted = TokenEstimator.Text(draftBytes.Sum(b => (long)b));
        if (_view.PromptTokens + (long)wanted <= room)
        {
            return new(place?.Body == _view.Body ? place : new(_view), _view.PromptTokens, int.MaxValue, wanted, 0, 0);
        }

        var conversation = Conversation.Of(_view.Messages);
        var least = draftBytes.Sum(b => (long)Math.Min(TokenEstimator.Text(b), SynthesisRoom.LeastOfDraft));
        var draftRoom = Math.Min(wanted, room - (long)conversation.LeastTokens);
        if (draftRoom < Math.Min(least, wanted))
        {
            return null;
        }

        var level = EvenShares.Level(draftBytes, draftRoom * 28 / 10);
        var drafts = TokenEstimator.Text(draftBytes.Sum(b => (long)Math.Min(b, level)));
        return conversation.Fit(room - drafts) is { } fitted ? new(new(fitted.Messages), fitted.Tokens, level, drafts, fitted.Dropped, fitted.Shortened) : null;
    }

    private string Heading(string nonce) => SynthesisWords.Heading(
        _task.Title, _task.Instructions ?? profile.SynthesisPrompt ?? SynthesisWords.Write, _task.FurtherInstructions, dispatch.Request.HasToolHistory, nonce);

    private static (string Before, string After) Frame(Candidate candidate, int number, string nonce) => SynthesisWords.Fence(number, candidate.Count, nonce);

    /// <summary>The window divided: conversation with what was left out of it, and the bytes each draft may keep.</summary>
    private sealed record Share(SynthesisPlace Place, int MessageTokens, int DraftBytes, int DraftTokens, int Dropped, int Shortened);
}
