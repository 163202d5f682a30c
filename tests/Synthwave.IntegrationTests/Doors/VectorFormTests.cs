using System.Globalization;
using System.Text.Json;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>Vectors in the form that was asked, whatever form their server knows, and replies that are too large.</summary>
public sealed class VectorFormTests
{
    private const string Numbers = "[0.5,-1,2]";
    private const string Base64 = "\"AAAAPwAAgL8AAABA\"";

    [Theory]
    [InlineData(Numbers, "base64", Base64)]
    [InlineData(Base64, "base64", Base64)]
    [InlineData(Base64, "float", Numbers)]
    [InlineData(Numbers, "float", Numbers)]
    [InlineData(Base64, null, Numbers)]
    [InlineData("[1,0,255]", "ubinary", "[1,0,255]")]
    [InlineData(Base64, "int8", Base64)]
    public async Task Vectors_come_in_the_form_that_was_asked(string given, string? asked, string expected)
    {
        foreach (var model in (string[])["a", "cascade"])
        {
            var (status, body) = await AskAsync(model, _ => Vectors(given, given), asked, inputs: 2);

            status.Should().Be(200, "the answer is {0}", body);
            body.GetProperty("data").EnumerateArray().Select(d => d.GetProperty("embedding").GetRawText()).Should().Equal(expected, expected);
            body.GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(3);
        }
    }

    [Theory]
    [InlineData("[1e39]", "base64")]
    [InlineData("[\"NaN\"]", "base64")]
    [InlineData("[\"NaN\"]", "float")]
    [InlineData("[null]", "float")]
    [InlineData("\"AADAfw==\"", "float")]
    [InlineData("\"AAA=\"", null)]
    public async Task A_vector_that_is_none_is_a_failure_of_its_server(string given, string? asked)
    {
        var (status, body) = await AskAsync("a", _ => Vectors(given), asked);
        var (rotated, other) = await AskAsync("cascade", model => Vectors(model == "a" ? given : "[1]"), asked);

        (status, body.GetProperty("error").GetProperty("code").GetString()).Should().Be((502, "upstream_protocol_error"));
        rotated.Should().Be(200, "the answer is {0}", other);
    }

    [Fact]
    public async Task A_large_batch_is_turned_in_one_go()
    {
        var vector = $"[{string.Join(',', Enumerable.Range(0, 1536).Select(static i => (i / 4096.0).ToString(CultureInfo.InvariantCulture)))}]";
        var (status, body) = await AskAsync("a", _ => Vectors([.. Enumerable.Repeat(vector, 2048)]), "base64", inputs: 2048);

        status.Should().Be(200);
        body.GetProperty("data").EnumerateArray().Should().OnlyContain(d => d.GetProperty("embedding").GetBytesFromBase64().Length == 1536 * sizeof(float));
    }

    [Fact]
    public async Task Embeddings_have_a_limit_of_their_own_and_an_error_names_it()
    {
        const string Small = "[server]\nmax_reply_mb = 1\nmax_embeddings_mb = 2\n";
        var vector = $"[{new string('1', 3 * 512 * 1024)}]";

        var (fits, _) = await AskAsync("a", _ => Vectors(vector), "float", server: Small);
        var (status, body) = await AskAsync("a", _ => Vectors(vector, vector), "float", inputs: 2, server: Small);
        var (_, cascade) = await AskAsync("cascade", _ => Vectors(vector, vector), "float", inputs: 2, server: Small);

        fits.Should().Be(200);
        (status, body.GetProperty("error").GetProperty("code").GetString()).Should().Be((502, "upstream_protocol_error"));
        body.GetProperty("error").GetProperty("message").GetString().Should().Contain("2 MiB").And.Contain("max_embeddings_mb");
        cascade.GetProperty("error").GetProperty("message").GetString().Should().Contain("2 MiB").And.Contain("max_embeddings_mb");
    }

    [Fact]
    public async Task Numbers_that_would_exceed_the_limit_are_not_made()
    {
        var vector = $"\"{Convert.ToBase64String(Enumerable.Range(0, 300_000).SelectMany(static i => BitConverter.GetBytes(1.2345678e-30f * (i + 1))).ToArray())}\"";

        var (status, body) = await AskAsync("a", _ => Vectors(vector), "float", server: "[server]\nmax_embeddings_mb = 2\n");

        status.Should().Be(502);
        body.GetProperty("error").GetProperty("message").GetString().Should().Contain("max_embeddings_mb");
    }

    private static string Vectors(params string[] vectors) =>
        $"{{\"object\":\"list\",\"data\":[{string.Join(',', vectors.Select((v, i) => $"{{\"object\":\"embedding\",\"index\":{i},\"embedding\":{v}}}"))}],\"model\":\"m\",\"usage\":{{\"prompt_tokens\":3,\"total_tokens\":3}}}}";

    private static async Task<(int Status, JsonElement Body)> AskAsync(string profile, Func<string, string> reply, string? asked, int inputs = 1, string server = "")
    {
        await using var upstream = new RawUpstream(call =>
        {
            var model = call.Body.Length > 0 ? JsonElement.Parse(call.Body).GetProperty("model").GetString()! : "";
            var text = reply(model);
            return call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {text.Length}\r\n\r\n{text}");
        });
        var toml = server + string.Concat(((string[])["a", "b"]).Select(n => $"[upstreams.{n}]\nmodel_id = \"{n}\"\nbase_url = \"{upstream.BaseUrl}\"\ncontext = 8192\nmax_output = 512\nretries = 0\n"))
            + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n";
        await using var gateway = await TestGateway.StartAsync(toml);
        var input = string.Join(',', Enumerable.Repeat("\"x\"", inputs));
        var format = asked is null ? "" : $",\"encoding_format\":\"{asked}\"";
        using var response = await gateway.Client.PostAsync(gateway.Address + "v1/embeddings", ChatCall.Content($"{{\"model\":\"{profile}\",\"input\":[{input}]{format}}}"));
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }
}
