using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class ContentEncodingTests
{
    private const string Chat = "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"Grüße\"}]}";

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZIP")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("identity")]
    [InlineData("gzip, zstd")]
    [InlineData("br, identity, deflate")]
    public async Task A_body_is_decoded(string encodings)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await SendAsync(scenario, "/v1/chat/completions", Encode(Chat, encodings), encodings);

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", await response.Content.ReadAsStringAsync());
        scenario.Models.ChatCalls.Single().BodyText.Should().Contain("Grüße");
    }

    [Theory]
    [InlineData("/v1/completions", "{\"model\":\"a\",\"prompt\":\"Hi\"}")]
    [InlineData("/v1/responses", "{\"model\":\"a\",\"input\":\"Hi\"}")]
    [InlineData("/v1/messages", "{\"model\":\"a\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")]
    [InlineData("/v1/messages/count_tokens", "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")]
    [InlineData("/v1/embeddings", "{\"model\":\"a\",\"input\":\"Hi\"}")]
    [InlineData("/tokenize", "{\"model\":\"a\",\"prompt\":\"Hi\"}")]
    public async Task Every_door_decodes(string path, string body)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await SendAsync(scenario, path, Encode(body, "zstd"), "zstd");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("gzip, snappy")]
    [InlineData("gzip, gzip, gzip, gzip")]
    public async Task What_is_not_known_is_a_415_that_names_what_is(string encodings)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await SendAsync(scenario, "/v1/chat/completions", Encode(Chat, "gzip"), encodings);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).At("error");

        response.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        error.At("code").GetString().Should().Be("unsupported_content_encoding");
        response.Header("Accept-Encoding").Should().Be("gzip, deflate, br, zstd");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Broken_and_cut_data_is_a_400(string encoding)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));
        var good = Encode(Chat, encoding);

        foreach (var body in (byte[][])[Encoding.UTF8.GetBytes(Chat), good[..(good.Length / 2)], good[..2]])
        {
            var response = await SendAsync(scenario, "/v1/chat/completions", body, encoding);

            response.StatusCode.Should().Be(HttpStatusCode.BadRequest, "{0}", await response.Content.ReadAsStringAsync());
        }

        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("gzip, zstd")]
    public async Task The_limit_is_for_what_comes_out(string encodings)
    {
        await using var scenario = await GatewayScenario.StartAsync([SimulatedModel.Saying("a", "x")], server: "max_body_mb = 1");

        var response = await SendAsync(scenario, "/v1/chat/completions", Encode(Chat + new string(' ', 8 * 1024 * 1024), encodings), encodings);

        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).At("error.code").GetString().Should().Be("request_too_large");
    }

    private static Task<HttpResponseMessage> SendAsync(GatewayScenario scenario, string path, byte[] body, string encodings)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encodings.Replace("raw ", "", StringComparison.Ordinal));
        return scenario.Client.PostAsync(path, content);
    }

    private static byte[] Encode(string text, string encodings)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var encoding in encodings.Split(", "))
        {
            var output = new MemoryStream();
            using (Stream stream = encoding.ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true),
                "deflate" => new ZLibStream(output, CompressionLevel.Fastest, leaveOpen: true),
                "raw deflate" => new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true),
                "br" => new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true),
                "zstd" => new ZstdSharp.CompressionStream(output, leaveOpen: true),
                _ => new BufferedStream(output),
            })
            {
                stream.Write(bytes);
                stream.Flush();
                bytes = encoding == "identity" ? output.ToArray() : bytes;
            }

            bytes = encoding == "identity" ? bytes : output.ToArray();
        }

        return bytes;
    }
}
