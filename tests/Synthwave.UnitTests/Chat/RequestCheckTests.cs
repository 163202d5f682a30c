using System.Text;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;

namespace Synthwave.UnitTests.Chat;

public sealed class RequestCheckTests
{
    [Theory]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":5,\"n\":2", "conflicting_params")]
    [InlineData("\"max_tokens\":\"5\",\"max_completion_tokens\":5.0", "conflicting_params")]
    [InlineData("\"n\":2,\"tool_choice\":\"required\"", "unsupported_v1")]
    [InlineData("\"n\":\"3\"", "unsupported_v1")]
    public void Conflicts_are_found_in_order(string members, string code)
    {
        var error = CheckError(members, "\"hi\"");

        error.Status.Should().Be(400);
        error.EffectiveType.Should().Be("invalid_request_error");
        error.Code.Should().Be(code);
        error.Param.Should().BeNull();
    }

    [Fact]
    public void One_cap_and_one_null_are_no_conflict()
    {
        var request = Read("\"max_tokens\":null,\"max_completion_tokens\":5,\"n\":1", "\"hi\"").Request;

        request!.MaxTokens.Should().Be(5);
    }

    [Fact]
    public void Schema_comes_before_checks()
    {
        var reading = Read("\"max_tokens\":5,\"max_completion_tokens\":5,\"n\":0", "[{}]");

        reading.CheckError.Should().BeNull();
        reading.SchemaError!.Param.Should().Be("n");
    }

    [Theory]
    [InlineData("{}", "missing_type")]
    [InlineData("{\"type\":5}", "missing_type")]
    [InlineData("{\"type\":null}", "missing_type")]
    [InlineData("{\"type\":\"text\"}", "text_malformed")]
    [InlineData("{\"type\":\"text\",\"text\":null}", "text_malformed")]
    [InlineData("{\"text\":[\"a\"],\"type\":\"text\"}", "text_malformed")]
    [InlineData("{\"type\":\"image_url\"}", "image_url_malformed")]
    [InlineData("{\"type\":\"image_url\",\"image_url\":{}}", "image_url_missing_url")]
    [InlineData("{\"type\":\"image_url\",\"image_url\":{\"url\":\"\"}}", "image_url_missing_url")]
    [InlineData("{\"type\":\"image_url\",\"image_url\":{\"url\":{\"url\":\"x\"}}}", "image_url_missing_url")]
    [InlineData("{\"type\":\"image_url\",\"image_url\":{\"data\":\"x\"}}", "image_url_missing_url")]
    [InlineData("{\"type\":\"video_url\",\"video_url\":5}", "video_url_malformed")]
    [InlineData("{\"type\":\"video_url\",\"video_url\":{\"url\":5}}", "video_url_missing_url")]
    [InlineData("{\"type\":\"input_audio\",\"input_audio\":[]}", "input_audio_malformed")]
    [InlineData("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"\",\"url\":\"\"}}", "input_audio_missing_payload")]
    public void Unusable_part_is_labelled(string part, string label)
    {
        var error = CheckError("\"n\":1", $"[{part}]");

        error.Code.Should().Be("unsupported_content_part");
        error.Param.Should().BeNull();
        error.Message.Should().EndWith(": " + label);
    }

    [Theory]
    [InlineData("{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}", "file")]
    [InlineData("{\"type\":\"input_text\",\"text\":\"a\"}", "input_text")]
    [InlineData("{\"type\":\"Text\",\"text\":\"a\"}", "Text")]
    [InlineData("{\"type\":\"video\",\"video\":[\"https://x/1\"]}", "video")]
    [InlineData("{\"type\":\"audio_url\",\"audio_url\":{\"url\":\"x\"}}", "audio_url")]
    [InlineData("{\"type\":\"image_url\",\"image_url\":\"x\"}", "image_url_malformed")]
    [InlineData("{\"type\":\"video_url\",\"video_url\":\"x\"}", "video_url_malformed")]
    [InlineData("{\"type\":\"input_audio\",\"input_audio\":\"x\"}", "input_audio_malformed")]
    public void A_part_only_an_upstream_may_know_is_named(string part, string label)
    {
        var foreign = Read("\"n\":1", $"[{{\"type\":\"text\",\"text\":\"hi\"}},{part},{part}]").Request!.Foreign!;

        foreign.Status.Should().Be(400);
        foreign.Code.Should().Be("unsupported_content_part");
        foreign.Param.Should().Be("messages[0].content[1]");
        foreign.Message.Should().EndWith(": " + label);
    }

    [Fact]
    public void Labels_are_listed_once_in_the_order_first_seen()
    {
        var error = CheckError("\"n\":1", "[{\"type\":\"b\"},{\"type\":\"a\"},{\"type\":\"\\u0062\"},{},{\"type\":\"text\"},{}]");

        error.Message.Should().EndWith(": b, a, missing_type, text_malformed");
    }

    [Fact]
    public void Hostile_labels_are_shortened_cleaned_and_few()
    {
        var parts = string.Join(',', Enumerable.Range(0, 1000).Select(at => $"{{\"type\":\"{at}\\r\\n{new string('x', 1000)}\"}}"));

        var error = Read("\"n\":1", $"[{parts}]").Request!.Foreign!;

        error.Message.Should().NotContainAny("\r", "\n");
        error.Message.Length.Should().BeLessThan(1500);
    }

    [Theory]
    [InlineData("U", true)]
    [InlineData("S,U", true)]
    [InlineData("U,A", true)]
    [InlineData("U,A,T", true)]
    [InlineData("U,A,T,A,T,A", true)]
    [InlineData("U,u", true)]
    [InlineData("u,U", true)]
    [InlineData("U,S,u", true)]
    [InlineData("u,A,T*", true)]
    [InlineData("U,A,u", false)]
    [InlineData("U,A,T,u", false)]
    [InlineData("U,A,u,A,T", false)]
    [InlineData("U,A,T*,A,u", false)]
    public void Newest_turn_is_the_last_run_of_the_users_messages_and_all_behind_it(string talk, bool hasImage)
    {
        const string Image = "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]";
        var messages = talk.Split(',').Select(m => m switch
        {
            "U" => $"{{\"role\":\"user\",\"content\":{Image}}}",
            "u" => "{\"content\":\"hi\",\"role\":\"user\"}",
            "T*" => $"{{\"content\":{Image},\"tool_call_id\":\"c\",\"role\":\"tool\"}}",
            "T" => "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"ok\"}",
            "S" => "{\"role\":\"system\",\"content\":\"rules\"}",
            _ => "{\"role\":\"assistant\",\"content\":\"hm\"}",
        });

        var request = ChatRequestReader.Read(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"messages\":[{string.Join(',', messages)}]}}")).Request!;

        request.NewestModalities.HasFlag(Modalities.Image).Should().Be(hasImage);
    }

    [Theory]
    [InlineData("\"\"", Modalities.Text)]
    [InlineData("null", Modalities.Text)]
    [InlineData("[]", Modalities.Text)]
    [InlineData("[{\"type\":\"text\",\"text\":\"\"}]", Modalities.Text)]
    [InlineData("[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]", Modalities.Text | Modalities.Image)]
    [InlineData("[{\"video_url\":{\"fps\":1,\"url\":\"x\"},\"type\":\"video_url\"}]", Modalities.Text | Modalities.Video)]
    [InlineData("[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"x\"}}]", Modalities.Text | Modalities.Audio)]
    [InlineData("[{\"type\":\"input_audio\",\"input_audio\":{\"url\":\"x\"}},{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]",
        Modalities.Text | Modalities.Audio | Modalities.Image)]
    public void Parts_tell_what_a_model_must_read(string content, object modalities)
    {
        Read("\"n\":1", content).Request!.Modalities.Should().Be((Modalities)modalities);
    }

    private static ChatRequestReading Read(string members, string content) =>
        ChatRequestReader.Read(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":{content}}}],{members}}}"));

    private static GatewayError CheckError(string members, string content)
    {
        var reading = Read(members, content);
        reading.Request.Should().BeNull();
        reading.SchemaError.Should().BeNull();
        return reading.CheckError!;
    }
}
