using System.Text.Json;
using static Synthwave.IntegrationTests.BadDays.RawAnswers;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Answers that say nothing but why: no room for a word, a filter, a refusal. They are the answer only where nobody has a better one.</summary>
public sealed class VerdictTests
{
    private const string Refusal = "{\"role\":\"assistant\",\"content\":null,\"refusal\":\"I must not.\"}";

    private static readonly string[] Profiles = ["a", "cascade", "moa", "best"];

    public static TheoryData<string, bool, string> Verdicts
    {
        get
        {
            var cells = new TheoryData<string, bool, string>();
            foreach (var profile in Profiles)
            {
                foreach (var reason in (string[])["length", "content_filter"])
                {
                    cells.Add(profile, true, reason);
                    cells.Add(profile, false, reason);
                }
            }

            return cells;
        }
    }

    public static TheoryData<string, bool> Cells
    {
        get
        {
            var cells = new TheoryData<string, bool>();
            foreach (var profile in Profiles)
            {
                cells.Add(profile, true);
                cells.Add(profile, false);
            }

            return cells;
        }
    }

    public static TheoryData<string, bool> Several => new() { { "cascade", true }, { "cascade", false }, { "moa", true }, { "moa", false } };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public async Task Nothing_but_a_reason_is_the_answer_where_nobody_has_a_text(string profile, bool stream, string reason)
    {
        var answer = await AskAsync(profile, stream, isStream => isStream
            ? Chunk("{\"role\":\"assistant\",\"content\":\"\"}") + Chunk("{}", $"\"{reason}\"") + Done
            : Document("{\"role\":\"assistant\",\"content\":\"\"}", $"\"{reason}\""));

        answer.Status.Should().Be(200, "the answer is {0}", answer.Raw);
        (answer.Content, answer.FinishReason).Should().Be(("", reason));
        answer.Raw.Should().NotContain("\"error\"");
        answer.Raw.EndsWith("[DONE]", StringComparison.Ordinal).Should().Be(stream);
    }

    [Theory]
    [MemberData(nameof(Several))]
    public async Task Of_several_reasons_the_last_one_is_told(string profile, bool stream)
    {
        foreach (var form in (string[])["{\"role\":\"assistant\"}", "{\"role\":\"assistant\",\"content\":null}", "{\"content\":\" \\n\"}", "{\"content\":\"\",\"refusal\":\"\"}"])
        {
            var answer = await AskAsync(profile, stream, (model, isStream) => Http(Says(form, model == "a" ? "content_filter" : "MAX_TOKENS", isStream)));

            answer.Status.Should().Be(200, "the answer is {0}", answer.Raw);
            (answer.Content.Trim(), answer.FinishReason).Should().Be(("", "length"));
        }
    }

    [Theory]
    [MemberData(nameof(Several))]
    public async Task A_text_is_better_than_a_reason_or_a_refusal(string profile, bool stream)
    {
        foreach (var (form, reason) in ((string, string)[])[("{\"content\":\"\"}", "length"), ("{\"content\":\"\"}", "content_filter"), (Refusal, "stop"), (Refusal, "content_filter")])
        {
            foreach (var mute in (string[])["a", "b"])
            {
                var answer = await AskAsync(profile, stream, (model, isStream) => Http(
                    model == mute ? Says(form, reason, isStream) : Says("{\"content\":\"A text.\"}", "stop", isStream)));

                answer.Status.Should().Be(200, "the answer is {0}", answer.Raw);
                (answer.Content, answer.FinishReason).Should().Be(("A text.", "stop"));
                answer.Raw.Should().NotContain("must not");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_refusal_is_the_answer_where_nobody_has_a_text(string profile, bool stream)
    {
        var answer = await AskAsync(profile, stream, isStream => isStream
            ? Chunk("{\"role\":\"assistant\",\"content\":null}") + Chunk("{\"refusal\":\"I must \"}") + Chunk("{\"refusal\":\"not.\"}") + Chunk("{}", "\"stop\"") + Done
            : Document(Refusal, "\"stop\""));

        answer.Status.Should().Be(200, "the answer is {0}", answer.Raw);
        (answer.Content, RefusalOf(answer, stream)).Should().Be(("", "I must not."));
        answer.FinishReason.Should().Be("stop");
    }

    [Theory]
    [MemberData(nameof(Several))]
    public async Task A_refusal_says_more_than_a_reason_and_both_more_than_a_failure(string profile, bool stream)
    {
        const string Broken = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        foreach (var refusing in (string[])["a", "b"])
        {
            var answer = await AskAsync(profile, stream, (model, isStream) => Http(model == refusing ? Says(Refusal, "stop", isStream) : Says("{\"content\":\"\"}", "length", isStream)));
            var beside = await AskAsync(profile, stream, (model, isStream) => model == refusing ? Http(Says(Refusal, "stop", isStream)) : Broken);
            var reason = await AskAsync(profile, stream, (model, isStream) => model == refusing ? Http(Says("{\"content\":\"\"}", "length", isStream)) : Broken);

            (answer.Status, RefusalOf(answer, stream)).Should().Be((200, "I must not."));
            (beside.Status, RefusalOf(beside, stream)).Should().Be((200, "I must not."));
            (reason.Status, reason.FinishReason).Should().Be((200, "length"));
        }
    }

    [Theory]
    [MemberData(nameof(Several))]
    public async Task Nothing_without_a_reason_is_no_answer(string profile, bool stream)
    {
        var answer = await AskAsync(profile, stream, (_, isStream) => Http(Says("{\"role\":\"assistant\",\"content\":\"\"}", "stop", isStream)));

        answer.Status.Should().Be(502, "the answer is {0}", answer.Raw);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_synthesizer_that_refuses_leaves_the_drafts(bool stream)
    {
        var answer = await AskAsync("moa", stream, (model, isStream) => Http(
            model == "s" ? Says(Refusal, "stop", isStream) : Says($"{{\"content\":\"A draft by {model}.\"}}", "stop", isStream)));

        answer.Status.Should().Be(200);
        answer.Content.Should().StartWith("A draft by ");
        answer.Headers.GetValueOrDefault("X-MetaModel-Decision", "fallback_primary").Should().Be("fallback_primary");
    }

    [Fact]
    public async Task Who_refused_and_who_had_no_room_is_told()
    {
        var cascade = await AskAsync("cascade", false, (model, _) => Http(model == "a" ? Says(Refusal, "stop", false) : Says("{\"content\":\"\"}", "length", false)));
        var moa = await AskAsync("moa", false, (model, _) => Http(model == "a" ? Says(Refusal, "stop", false) : Says("{\"content\":\"\"}", "length", false)));

        cascade.Headers["X-MetaModel-Cascade-Attempts"].Should().Be("a:refused,b:blank");
        cascade.Headers["X-MetaModel-Cascade-Winner"].Should().Be("a");
        moa.Headers["X-MetaModel-Failed-Generators"].Should().Be("a:refused,b:blank");
    }

    private static string Says(string message, string reason, bool isStream) =>
        isStream ? Chunk(message) + Chunk("{}", $"\"{reason}\"") + Done : Document(message, $"\"{reason}\"");

    private static string RefusalOf(RawAnswer answer, bool stream) => string.Concat(
        (stream ? answer.Raw.Split('\n').Where(e => e.StartsWith('{')) : [answer.Raw])
        .SelectMany(e => JsonElement.Parse(e).TryGetProperty("choices", out var choices) ? choices.EnumerateArray() : [])
        .Select(c => c.GetProperty(stream ? "delta" : "message").TryGetProperty("refusal", out var refusal) ? refusal.GetString() : ""));
}
