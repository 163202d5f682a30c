using System.Text;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>JSON values that are where nobody expects them: of every type, of odd sizes, and some that are no JSON.</summary>
internal static class OddValues
{
    private static readonly string[] Few =
    [
        "null", "true", "false", "0", "-0", "1", "-1", "2", "0.5", "1e0", "1e999", "-1e999", "1e-999", "2147483648", "-2147483649", "9223372036854775808",
        "123456789012345678901234567890123456789012345678901234567890", "\"\"", "\" \"", "\"x\"", "\"auto\"", "\"none\"", "\"required\"", "\"function\"", "\"text\"", "\"user\"", "\"tool\"",
        "\"system\"", "\"assistant\"", "\"developer\"", "\"\\ud83d\"", "\"\\ude00\\ud83d\"", "\"\\u0000\"", "\"\\ufeff\"", "\"\\\\\"", "\"{\\\"a\\\":\\\"\\\\ud83d\\\"}\"",
        "\"{\\\"a\\\":1\"", "\"data:image/png;base64,AAAA\"", "\"data:;base64,====\"", "\"data:\"", "\"http://127.0.0.1:1/x.png\"", "\"file:///etc/passwd\"", "\"javascript:alert(1)\"", "\"\\r\\nX-Odd: 1\"",
        "[]", "{}", "[null]", "[[]]", "[{}]", "{\"\":null}", "{\"a\":{}}", "{\"\\ud800\":1}", "{\"type\":\"text\"}", "{\"type\":\"text\",\"text\":null}", "{\"type\":1}", "{\"role\":\"user\"}",
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}", "{\"type\":\"image_url\",\"image_url\":1}", "{\"type\":\"function\",\"function\":{}}", "{\"type\":\"function\",\"function\":{\"name\":\"\"}}",
        "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"type\":\"object\",\"$ref\":\"#\"}}}", "[\"a\",1,null,{},[]]", "[1,2,3]",
    ];

    // No JSON at all.
    private static readonly string[] Broken = ["", "undefined", "NaN", "Infinity", "01", "+1", "1.", ".5", "'x'", "\"", "\"\\x\"", "\"\\u12\"", "[", "]", "{", "}", "{\"a\"}", "{\"a\":}", "{,}", "[,]", "[1,]", "{\"a\":1,}", "/**/1", "nul", "\"\u0001\"", "1 2"];

    public static byte[] Draw(Random random) => random.Next(20) switch
    {
        0 or 1 => Encoding.UTF8.GetBytes(random.Pick(Broken)),
        2 => Nested(random, random.Pick([8, 31, 63, 64, 65, 127, 128, 255, 256, 1_000])),
        3 => Nested(random, random.Pick([5_000, 20_000])),
        4 => Encoding.UTF8.GetBytes($"\"{new string(random.Pick(['a', 'é', '"']), random.Pick([300, 5_000, 40_000]))}\"".Replace("\"\"", "\\\"", StringComparison.Ordinal)),
        5 => Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(random.Pick(Few), random.Pick([2, 64, 1_000])))}]"),
        6 => [(byte)'"', .. Invalid(random), (byte)'"'],
        7 => Encoding.UTF8.GetBytes($"{{{string.Join(',', Enumerable.Range(0, random.Pick([2, 100, 2_000])).Select(i => FormattableString.Invariant($"\"k{i}\":{random.Pick(Few)}")))}}}"),
        8 => Encoding.UTF8.GetBytes($"\"{new string('9', random.Pick([20, 400, 5_000]))}\""),
        9 => Encoding.UTF8.GetBytes(new string('9', random.Pick([20, 400, 5_000]))),
        _ => Encoding.UTF8.GetBytes(random.Pick(Few)),
    };

    /// <summary>Bytes that are no UTF-8.</summary>
    public static byte[] Invalid(Random random) => random.Pick<byte[]>([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80], [0xf0, 0x9f, 0x98]]);

    /// <summary>Arrays, objects, or both in turn, <paramref name="depth"/> of them in each other; sometimes not closed.</summary>
    public static byte[] Nested(Random random, int depth)
    {
        var kind = random.Next(3);
        var isClosed = !random.Once(5);
        var text = new StringBuilder();
        for (var i = 0; i < depth; i++)
        {
            text.Append(IsArray(i) ? "[" : "{\"a\":");
        }

        text.Append('1');
        for (var i = depth - 1; isClosed && i >= 0; i--)
        {
            text.Append(IsArray(i) ? ']' : '}');
        }

        return Encoding.UTF8.GetBytes(text.ToString());

        bool IsArray(int level) => kind == 0 || (kind == 1 && level % 2 == 0);
    }
}
