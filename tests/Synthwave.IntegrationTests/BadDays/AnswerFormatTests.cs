using System.Text.Json;
using static Synthwave.IntegrationTests.BadDays.RawAnswers;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>JSON was asked for, and some of the models wrote prose, or prose around it.</summary>
public sealed class AnswerFormatTests
{
    private const string Schema = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"],\"additionalProperties\":false}}}";
    private const string Object = "\"response_format\":{\"type\":\"json_object\"}";
    private const string Fitting = "{\"n\": 7}";

    // Alike, so that likeness speaks for them.
    private const string Prose = "The number that you asked for is seven, as far as I can tell.";

    public static TheoryData<bool, string> Cells => new() { { true, Schema }, { true, Object }, { false, Schema }, { false, Object } };

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task The_draft_that_fits_is_the_answer_when_the_synthesis_fails(bool stream, string format)
    {
        foreach (var fitting in (string[])["a", "b", "c"])
        {
            var answer = await AskAsync("three", stream, (model, isStream) =>
                model == "s" ? "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n" : Says(model == fitting ? Fitting : Prose, isStream), format);

            answer.Status.Should().Be(200, "the answer is {0}", answer.Raw);
            answer.Content.Should().Be(Fitting);
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task What_stands_around_the_JSON_is_taken_off(bool stream, string format)
    {
        foreach (var text in (string[])
            [
                "```json\n" + Fitting + "\n```", "Sure! Here it is:\n\n```\n" + Fitting + "\n```\nAnything else?", "As [1] and {2} say: " + Fitting + " (seven).", "  \n" + Fitting + " ```",
            ])
        {
            var single = await AskAsync("best", stream, (_, isStream) => Says(text, isStream), format);
            var among = await AskAsync("three", stream, (model, isStream) => Says(model is "a" ? text : Prose, isStream), format);

            single.Content.Should().Be(Fitting);
            single.Raw.Should().NotContain("```").And.Contain("\"finish_reason\":\"stop\"");
            among.Content.Should().Be(Fitting);
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_synthesis_in_prose_is_none_where_a_draft_fits(bool stream, string format)
    {
        var answer = await AskAsync("three", stream, (model, isStream) => Says(model == "c" ? Fitting : model == "s" ? "Seven, all agree." : Prose, isStream), format);

        answer.Content.Should().Be(Fitting);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_synthesis_that_fits_is_the_answer(bool stream, string format)
    {
        var answer = await AskAsync("three", stream, (model, isStream) => Says(model == "s" ? "{\"n\":8}" : model == "c" ? Fitting : Prose, isStream), format);

        answer.Content.Should().Be("{\"n\":8}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_schema_tells_one_JSON_from_another(bool stream)
    {
        var answer = await AskAsync("three", stream, (model, isStream) => Says(model switch { "a" => "{\"n\":\"7\"}", "b" => "{\"n\":7,\"m\":1}", "c" => Fitting, _ => "No." }, isStream), Schema);

        answer.Content.Should().Be(Fitting);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_judge_chooses_among_those_that_fit(bool stream)
    {
        var one = await AskAsync("pick", stream, (model, isStream) => Says(model == "s" ? "1" : model == "b" ? Fitting : Prose + model, isStream), Schema);

        one.Content.Should().Be(Fitting);
        one.Headers.GetValueOrDefault("X-MetaModel-Decision", "best_of_picked").Should().Be("best_of_picked");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Prose_is_an_answer_where_nobody_has_JSON_or_none_was_asked_for(bool stream)
    {
        var none = await AskAsync("three", stream, (model, isStream) => Says(Prose + model, isStream), Schema);
        var free = await AskAsync("three", stream, (model, isStream) => Says(model == "s" ? "```json\n{}\n```" : Prose + model, isStream));

        (none.Status, free.Status).Should().Be((200, 200));
        none.Content.Should().StartWith(Prose);
        free.Content.Should().Be("```json\n{}\n```");
    }

    private static string Says(string text, bool isStream)
    {
        var content = JsonSerializer.Serialize(text);
        return Http(isStream
            ? Chunk($"{{\"role\":\"assistant\",\"content\":{content}}}") + Chunk("{}", "\"stop\"") + Done
            : Document($"{{\"role\":\"assistant\",\"content\":{content}}}", "\"stop\""));
    }
}
