using System.Text;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.UnitTests.Upstreams.Faults;

/// <summary>Sentences of real servers.</summary>
public sealed class FaultWordsTests
{
    [Theory]
    [InlineData("The input (263000 tokens) is longer than the model's context length (262144 tokens).")]
    [InlineData("input length and max_tokens exceed context limit: 178959 + 64000 > 200000, decrease input length or max_tokens and try again")]
    [InlineData("Range of input length should be [1, 98304]")]
    [InlineData("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]")]
    [InlineData("tokens in request more than max tokens allowed")]
    [InlineData("Invalid request: Your request exceeded model token limit: 262144")]
    [InlineData("This model's maximum context length is 131072 tokens. However, you requested 140000 tokens")]
    [InlineData("prompt is too long: 210000 tokens > 200000 maximum")]
    [InlineData("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")]
    [InlineData("This model's maximum prompt length is 131072 but the request contains 537812 tokens.")]
    [InlineData("prompt token count of 145000 exceeds the limit of 128000")]
    [InlineData("Please reduce the length of the messages or completion.")]
    [InlineData("the request exceeds the available context size, try increasing it")]
    [InlineData("`inputs` must have less than 4096 tokens. Given: 5000")]
    [InlineData("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`")]
    [InlineData("Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length")]
    [InlineData("The number of tokens to keep from the initial prompt is greater than the context length.")]
    [InlineData("The decoder prompt (length 40960) is longer than the maximum model length of 32768.")]
    [InlineData("Input is too long for requested model.")]
    [InlineData("context_length_exceeded")]
    [InlineData("Conversation is too long. Start a new one.")]
    public void Too_long(string words) => FaultWords.KindOf(words).Should().Be(UpstreamFaultKind.ContextTooLong);

    [Theory]
    [InlineData("Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.", "Billing")]
    [InlineData("You exceeded your current quota, please check your plan and billing details.", "Billing")]
    [InlineData("You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.", "Billing")]
    [InlineData("Insufficient Balance", "Billing")]
    [InlineData("This request requires more credits, or fewer max_tokens.", "Billing")]
    [InlineData("quota used up", "Billing")]
    [InlineData("API key not valid. Please pass a valid API key.", "Unauthorized")]
    [InlineData("Incorrect API key provided: sk-abc***xyz.", "Unauthorized")]
    [InlineData("invalid x-api-key", "Unauthorized")]
    [InlineData("User location is not supported for the API use.", "Region")]
    [InlineData("unsupported_country_region_territory Country, region, or territory not supported", "Region")]
    [InlineData("model_decommissioned The model `llama-3` has been decommissioned and is no longer supported.", "ModelGone")]
    [InlineData("The model `gpt-9` does not exist or you do not have access to it.", "ModelGone")]
    [InlineData("Model Not Exist", "ModelGone")]
    [InlineData("model \"qwen\" not found, try pulling it first", "ModelGone")]
    [InlineData("models/gemini-1.0-pro is not found for API version v1beta", "ModelGone")]
    [InlineData("Your current plan does not include this model. Upgrade your plan.", "NotInPlan")]
    [InlineData("You've hit your usage limit for the day", "QuotaWindow")]
    [InlineData("Rate limit reached for requests per day (RPD)", "QuotaWindow")]
    [InlineData("Rate limit reached for gpt-4o on tokens per min (TPM). Please try again in 20s.", "RateLimited")]
    [InlineData("Too many tokens, please wait before trying again.", "RateLimited")]
    [InlineData("You exceeded your current quota, please check your plan and billing details. Please retry in 23.4s.", "RateLimited")]
    [InlineData("Input data may contain inappropriate content.", "Moderation")]
    [InlineData("content_filter The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "Moderation")]
    [InlineData("overloaded_error Overloaded", "ServerError")]
    public void Of_other_kinds(string words, string kind) => FaultWords.KindOf(words).ToString().Should().Be(kind);

    [Theory]
    [InlineData("`temperature` is deprecated for this model.")]
    [InlineData("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")]
    [InlineData("max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for this model")]
    [InlineData("Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64.")]
    [InlineData("tool name exceeds maximum length of 64")]
    [InlineData("messages: roles must alternate")]
    [InlineData("The tool call id 'x' does not exist in a previous message.")]
    [InlineData("")]
    public void About_the_request_itself(string words) => FaultWords.KindOf(words).Should().BeNull();

    [Theory]
    [InlineData("""{"error":"no tools here"}""", "no tools here")]
    [InlineData("""{"detail":"no tools here"}""", "no tools here")]
    [InlineData("""{"detail":[{"loc":["body"],"msg":"no tools here","type":"x"}]}""", "no tools here")]
    [InlineData("""{"detail":{"message":"no tools here"}}""", "no tools here")]
    [InlineData("""{"message":"no tools here"}""", "no tools here")]
    [InlineData("""[{"error":{"code":400,"message":"no tools here","status":"INVALID_ARGUMENT"}}]""", "no tools here")]
    [InlineData("""{"errors":[{"message":"no tools here"}]}""", "no tools here")]
    [InlineData("""{"error":{"message":{"detail":"no tools here"}}}""", "no tools here")]
    [InlineData("data: {\"error\":{\"message\":\"no tools here\"}}\n\n", "no tools here")]
    [InlineData("event: error\r\ndata: {\"message\":\"no tools here\"}\r\n\r\n", "no tools here")]
    [InlineData("<html><head><title>no tools here</title></head></html>", "no tools here")]
    [InlineData("no tools\nhere", "no tools here")]
    [InlineData("\"no tools here\"", "no tools here")]
    [InlineData("""{"error":{"message":"cut of""", "")]
    [InlineData("""{"error":{"message":5}}""", "")]
    [InlineData("[]", "")]
    [InlineData("5", "")]
    [InlineData("", "")]
    public void The_sentence_is_found_in_every_shape(string body, string sentence)
    {
        ErrorDocument.Read(Encoding.UTF8.GetBytes(body)).Sentence.Should().Be(sentence);
        OpenAiErrors.Read(400, Encoding.UTF8.GetBytes(body)).Sentence.Should().Be(sentence);
    }

    [Theory]
    [InlineData("Incorrect API key provided: sk-proj-abcd1234efgh. See https://example.test/keys?k=1 for yours.", "Incorrect API key provided: [key] See [url] for yours.")]
    [InlineData("no route to 10.0.0.7:8000 (backend-7.internal:9001)", "no route to [url] (backend-7.internal:9001)")]
    [InlineData("token AIzaSyD-0123456789abcdefghij rejected", "token [key] rejected")]
    [InlineData("header was Bearer abc.def", "header was [key]")]
    [InlineData("id 0123456789abcdef0123456789abcdef01 unknown", "id [key] unknown")]
    [InlineData("connect to backend-7.internal:9001 failed", "connect to [url] failed")]
    [InlineData("unsupported_country_region_territory", "unsupported_country_region_territory")]
    public void Keys_and_addresses_are_not_passed_on(string message, string sentence) =>
        new ErrorDocument("", "", message, null, false, false).Sentence.Should().Be(sentence);

    [Fact]
    public void The_sentence_is_bounded_and_always_text()
    {
        var long1 = new ErrorDocument("", "", string.Concat(Enumerable.Repeat("😀 ", 3000)), null, false, false).Sentence;

        long1.Length.Should().BeLessThanOrEqualTo(ErrorDocument.MaxSentence);
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(long1)).Should().Be(long1);
        new ErrorDocument("", "", "half \ud83d of a face\u0000", null, false, false).Sentence.Should().Be("half \uFFFD of a face");
        new ErrorDocument("", "", string.Concat(Enumerable.Repeat("a-", 100_000)), null, false, false).Sentence.Length.Should().BeLessThanOrEqualTo(ErrorDocument.MaxSentence);
    }
}
