using System.Text;
using Synthwave.Chat.Requests;

namespace Synthwave.UnitTests.Chat;

public sealed class RequestFactTests
{
    [Fact]
    public void Plain_request_has_defaults_and_keeps_its_bytes()
    {
        const string Json = " {\"messages\" : [{\"role\":\"user\",\"content\":\"hi\"}], \"model\":\"a\\/b\", \"x\" : 1.10 } ";

        var request = Accepted(Json);

        request.Model.Should().Be("a/b");
        request.Target.Should().Be("a/b");
        request.Stream.Should().BeFalse();
        request.IncludeUsage.Should().BeFalse();
        request.MaxTokens.Should().BeNull();
        request.ParallelToolCalls.Should().BeTrue();
        request.HasToolHistory.Should().BeFalse();
        request.Extension.Should().BeSameAs(RequestExtension.None);
        request.PromptTokens.Should().Be(7);
        Encoding.UTF8.GetString(request.Body.ToArray()).Should().Be(Json);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    [InlineData("1", true)]
    [InlineData("0.0", false)]
    [InlineData("\"YES\"", true)]
    [InlineData("\"off\"", false)]
    [InlineData("\"\\u0074\"", true)]
    public void Stream_is_read_leniently(string value, bool expected)
    {
        With($"\"stream\":{value}").Stream.Should().Be(expected);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    [InlineData("0", false)]
    [InlineData("0.1", true)]
    [InlineData("\"\"", false)]
    [InlineData("\"false\"", true)]
    [InlineData("{}", false)]
    [InlineData("[]", false)]
    [InlineData("[{}]", true)]
    [InlineData("{\"a\":{}}", true)]
    public void Usage_is_wanted_when_the_member_says_anything(string value, bool expected)
    {
        With($"\"stream_options\":{{\"a\":1,\"include_usage\":{value},\"b\":[2]}}").IncludeUsage.Should().Be(expected);
    }

    [Theory]
    [InlineData("\"max_tokens\":100", 100)]
    [InlineData("\"max_completion_tokens\":\"7\"", 7)]
    [InlineData("\"max_tokens\":8400.0", 8400)]
    [InlineData("\"max_tokens\":true", 1)]
    [InlineData("\"max_tokens\":99999999999", int.MaxValue)]
    [InlineData("\"max_tokens\":1e30", int.MaxValue)]
    public void Output_cap_is_whichever_is_given(string member, int expected)
    {
        With(member).MaxTokens.Should().Be(expected);
    }

    [Fact]
    public void Extension_is_read()
    {
        var request = With(
            "\"x_meta_model\":{\"profile\":\"p\\u00e9\",\"trace\":\"on\",\"max_calls\":\"3\",\"max_cost_usd\":0.0125,\"max_latency_ms\":1500}");

        request.Extension.Should().Be(new RequestExtension
        {
            Profile = "pé",
            Trace = true,
            MaxCalls = 3,
            MaxCostUsd = 0.0125m,
            MaxLatencyMs = 1500,
        });
        request.Target.Should().Be("pé");
    }

    [Theory]
    [InlineData("{\"role\":\"user\"}", false)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[]}", false)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":null,\"function_call\":null}", false)]
    [InlineData("{\"role\":\"assistant\",\"tool_calls\":[{}]}", true)]
    [InlineData("{\"role\":\"assistant\",\"function_call\":{\"name\":\"f\"}}", true)]
    [InlineData("{\"role\":\"tool\"}", true)]
    [InlineData("{\"role\":\"function\"}", true)]
    public void Tool_history_is_noticed(string message, bool expected)
    {
        Accepted($"{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\"}},{message}]}}").HasToolHistory.Should().Be(expected);
    }

    [Fact]
    public void Prompt_estimate_is_the_sum_of_the_messages()
    {
        var generator = new RequestGenerator(7);
        for (var at = 0; at < 200; at++)
        {
            var request = Accepted(generator.ValidBody());

            request.Body.TryGet("messages", out var messages).Should().BeTrue();
            request.PromptTokens.Should().Be(MessageTokens.OfAll(messages.Span), $"body {at} of seed 7");
        }
    }

    private static ChatRequest With(string member) => Accepted($"{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\"}}],{member}}}");

    private static ChatRequest Accepted(string json)
    {
        var reading = ChatRequestReader.Read(Encoding.UTF8.GetBytes(json));
        reading.SchemaError.Should().BeNull(json);
        reading.CheckError.Should().BeNull(json);
        return reading.Request!;
    }
}
