using System.Buffers;
using System.Text.Json;
using Synthwave.Api.Dialects.Responses;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Dialects;

public class CustomInputTests
{
    [Fact]
    public void The_text_of_the_input_comes_out_wherever_the_arguments_are_cut() => Seeded.Run(500, random =>
    {
        var text = RandomText.Valid(random, random.Next(40));
        var options = new JsonSerializerOptions { Encoder = random.Next(2) == 0 ? null : System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        var arguments = "{" + Blank() + "\"input\"" + Blank() + ":" + Blank() + JsonSerializer.Serialize(text, options) + Blank() + "}" + Blank();

        Read(random, arguments).Should().Be(text);

        string Blank() => new(random.Next(3) == 0 ? " \n\t"[random.Next(3)] : ' ', random.Next(2));
    });

    [Theory]
    [InlineData("*** Begin Patch\n*** End Patch", "*** Begin Patch\n*** End Patch")]
    [InlineData("  plain", "  plain")]
    [InlineData("", "")]
    [InlineData("{}", "{}")]
    [InlineData("{ let x = 1 }", "{ let x = 1 }")]
    [InlineData("{\"patch\":\"x\"}", "{\"patch\":\"x\"}")]
    [InlineData("{\"other\":1,\"input\":\"x\"}", "x")]
    [InlineData("{\"input\":5}", "{\"input\":5}")]
    [InlineData("{\"input\":null}", "{\"input\":null}")]
    [InlineData("{\"inp", "{\"inp")]
    [InlineData("\"a\\nb\"", "a\nb")]
    [InlineData("\"use strict\"; f()", "\"use strict\"; f()")]
    [InlineData("[1,2]", "[1,2]")]
    [InlineData("{\"input\":\"cut of", "cut of")]
    [InlineData("{\"input\":\"a\\", "a")]
    [InlineData("{\"input\":\"\\d+ \\u12\"}", "\\d+ \\u12")]
    [InlineData("{\"input\":\"line\nbreak\"}", "line\nbreak")]
    [InlineData("{\"input\":\"\\ud83d\\ude00\"}", "😀")]
    [InlineData("{\"input\":\"a\",\"more\":[1]}", "a")]
    public void Arguments_of_another_shape_are_the_text(string arguments, string text) => Seeded.Run(10, random => Read(random, arguments).Should().Be(text));

    [Fact]
    public void Half_of_a_surrogate_pair_survives() => Read(new Random(1), "{\"input\":\"\\ud83d\"}").Should().Be("\ud83d");

    [Fact]
    public void No_piece_ends_within_a_character() => Seeded.Run(50, random =>
    {
        var input = new CustomInput();
        foreach (var c in random.Next(2) == 0 ? "{\"input\":\"a\\ud83d\\ude00😀b\"}" : "a😀b")
        {
            var output = new ArrayBufferWriter<char>();
            input.Append([c], output);
            (output.WrittenSpan is [.., var last] && char.IsHighSurrogate(last)).Should().BeFalse();
        }
    });

    private static string Read(Random random, string arguments)
    {
        var input = new CustomInput();
        var output = new ArrayBufferWriter<char>();
        for (var rest = arguments.AsSpan(); !rest.IsEmpty;)
        {
            var length = random.Next(1, Math.Min(rest.Length, 7) + 1);
            input.Append(rest[..length], output);
            rest = rest[length..];
        }

        input.Complete(output);
        return output.WrittenSpan.ToString();
    }
}
