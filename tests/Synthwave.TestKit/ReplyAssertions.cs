using System.Net;
using System.Text.Json;
using FluentAssertions;

namespace Synthwave.TestKit;

/// <summary>What every answer of the gateway must look like.</summary>
public static class ReplyAssertions
{
    /// <summary>The status, JSON as content type, and exactly OpenAI's error envelope. Returns its <c>error</c> object.</summary>
    public static async Task<JsonElement> ShouldBeErrorAsync(
        this HttpResponseMessage response, HttpStatusCode status, string? code, string? type = null, string? param = null)
    {
        ArgumentNullException.ThrowIfNull(response);
        var body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(status, "the body is {0}", body);
        response.Content.Headers.ContentType?.MediaType.Should().Be("application/json");
        var root = JsonElement.Parse(body);
        root.EnumerateObject().Select(m => m.Name).Should().Equal("error");
        return root.GetProperty("error").ShouldBeError(code, type, param);
    }

    /// <summary>An <c>error</c> object, of a body or of a stream's event.</summary>
    public static JsonElement ShouldBeError(this JsonElement error, string? code, string? type = null, string? param = null)
    {
        error.EnumerateObject().Select(m => m.Name).Should().Equal("message", "type", "param", "code");
        error.GetProperty("message").GetString().Should().NotBeNullOrWhiteSpace();
        error.GetProperty("code").GetString().Should().Be(code);
        error.GetProperty("param").GetString().Should().Be(param);
        if (type is null)
        {
            error.GetProperty("type").GetString().Should().NotBeNullOrWhiteSpace();
        }
        else
        {
            error.GetProperty("type").GetString().Should().Be(type);
        }

        return error;
    }

    /// <summary>A complete chat answer. Returns its <c>choices[0].message</c>.</summary>
    public static async Task<JsonElement> ShouldBeChatCompletionAsync(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, "the body is {0}", body);
        response.Content.Headers.ContentType?.MediaType.Should().Be("application/json");
        var root = JsonElement.Parse(body);
        root.GetProperty("object").GetString().Should().Be("chat.completion");
        root.GetProperty("id").GetString().Should().NotBeNullOrEmpty();
        root.GetProperty("created").GetInt64().Should().BePositive();
        root.GetProperty("model").GetString().Should().NotBeNull();
        var choice = root.GetProperty("choices")[0];
        choice.GetProperty("finish_reason").GetString().Should().NotBeNullOrEmpty();
        choice.GetProperty("message").GetProperty("role").GetString().Should().Be("assistant");
        return choice.GetProperty("message");
    }

    /// <summary>A complete event stream: an event stream by type, ended in order with a finish reason and <c>[DONE]</c>, without an error event.</summary>
    public static async Task<SseCapture> ShouldBeChatStreamAsync(this HttpResponseMessage response, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType?.MediaType.Should().Be("text/event-stream");
        var capture = await SseCapture.ReadAsync(response, time);
        capture.Broken.Should().BeNull();
        capture.Error.Should().BeNull();
        capture.FinishReason.Should().NotBeNull("the stream was\n{0}", capture);
        capture.Done.Should().BeTrue("the stream was\n{0}", capture);
        return capture;
    }
}
