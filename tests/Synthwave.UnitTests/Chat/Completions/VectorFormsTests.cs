using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat.Completions;

public sealed class VectorFormsTests
{
    private const long Roomy = 1024 * 1024;

    [Theory]
    [InlineData("[0.5,-1,2]", "AAAAPwAAgL8AAABA")]
    [InlineData("[ 0.5 , -1 ,\n2 ]", "AAAAPwAAgL8AAABA")]
    [InlineData("[1e0,25E-2,-0.0]", "AACAPwAAgD4AAACA")]
    [InlineData("[]", "")]
    public void Numbers_become_base64(string numbers, string expected)
    {
        Fit(numbers, VectorForm.Base64).Should().Be($"\"{expected}\"");
    }

    [Theory]
    [InlineData("\"AAAAPwAAgL8AAABA\"", "[0.5,-1,2]")]
    [InlineData("\"AAAAPwAAgL8AAAB\\u0041\"", "[0.5,-1,2]")]
    [InlineData("\"\"", "[]")]
    public void Base64_becomes_numbers(string base64, string expected)
    {
        Fit(base64, VectorForm.Numbers).Should().Be(expected);
    }

    [Theory]
    [InlineData("[1e39]", true)]
    [InlineData("[1e999999]", true)]
    [InlineData("[-1e400,0]", true)]
    [InlineData("\"AACAfw==\"", false)]
    [InlineData("\"AADAfw==\"", false)]
    [InlineData("\"AAAA\"", false)]
    [InlineData("\"AAAAPw\"", false)]
    [InlineData("\"not base64!\"", false)]
    [InlineData("\"\\ud800AAA\"", false)]
    public void What_is_no_list_of_floats_cannot_be_told(string vector, bool isNumbers)
    {
        Fit(vector, isNumbers ? VectorForm.Base64 : VectorForm.Numbers).Should().BeNull();
    }

    [Theory]
    [InlineData("[\"NaN\"]")]
    [InlineData("[1,null]")]
    [InlineData("[true]")]
    [InlineData("[1,\"Infinity\",[2]]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("{}")]
    public void A_vector_has_numbers(string vector)
    {
        EmbeddingsReply.Read(Document(vector)).Should().BeNull();
    }

    [Theory]
    [InlineData("[[1,2],[3]]")]
    [InlineData("[1,[2]]")]
    [InlineData("[{\"index\":1}]")]
    public void What_only_the_server_knows_stays(string vector)
    {
        Fit(vector, VectorForm.Base64).Should().Be(vector);
        Fit(vector, VectorForm.Numbers).Should().Be(vector);
    }

    [Fact]
    public void What_is_in_its_form_is_the_same_memory()
    {
        var json = new ReadOnlyMemory<byte>(Document("[1,2]"));

        VectorForms.Fit(json, EmbeddingsReply.Read(json.Span)!, VectorForm.Numbers, maxBytes: 1, out _)!.Value.Equals(json).Should().BeTrue();
    }

    [Fact]
    public void All_else_keeps_its_bytes()
    {
        var json = """{ "data" : [ {"index":1,"embedding":"AACAPw==","x":"\u00e9"}, {"embedding":[2],"index":0} ], "odd\ud800":[1,"embedding"], "usage":{"total_tokens":1}}"""u8.ToArray();

        var fitted = VectorForms.Fit(json, EmbeddingsReply.Read(json)!, VectorForm.Numbers, Roomy, out _);

        Encoding.UTF8.GetString(fitted!.Value.Span).Should().Be(Encoding.UTF8.GetString(json).Replace("\"AACAPw==\"", "[1]", StringComparison.Ordinal));
    }

    [Fact]
    public void More_than_is_allowed_is_said_before_it_is_made()
    {
        var json = Document($"\"{Convert.ToBase64String(new byte[4000])}\"");

        VectorForms.Fit(json, EmbeddingsReply.Read(json)!, VectorForm.Numbers, maxBytes: 1000, out var isTooLarge).Should().BeNull();

        isTooLarge.Should().BeTrue();
    }

    [Fact]
    public void There_and_back_is_the_same_vector() => Seeded.Run(200, random =>
    {
        var vector = Enumerable.Range(0, random.Next(40)).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))).Where(float.IsFinite).ToArray();
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        var numbers = Fit($"\"{Convert.ToBase64String(bytes)}\"", VectorForm.Numbers)!;

        JsonElement.Parse(numbers).EnumerateArray().Select(static n => n.GetSingle()).Should().Equal(vector);
        JsonElement.Parse(Fit(numbers, VectorForm.Base64)!).GetString().Should().Be(Convert.ToBase64String(bytes));
    });

    private static byte[] Document(string vector) => Encoding.UTF8.GetBytes($"{{\"object\":\"list\",\"data\":[{{\"embedding\":{vector},\"index\":0}}]}}");

    private static string? Fit(string vector, VectorForm asked)
    {
        var json = Document(vector);
        return VectorForms.Fit(json, EmbeddingsReply.Read(json)!, asked, Roomy, out _) is { } fitted
            ? JsonElement.Parse(fitted.Span).GetProperty("data")[0].GetProperty("embedding").GetRawText()
            : null;
    }
}
