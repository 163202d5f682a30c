using Synthwave.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration.Toml;

public sealed class TomlInvalidDocumentTests
{
    [Theory]
    [InlineData("a", 1, 2, "expected '='")]
    [InlineData("a b = 1", 1, 3, "expected '='")]
    [InlineData("é = 1", 1, 1, "expected a key, found 'é'")]
    [InlineData("= 1", 1, 1, "expected a key")]
    [InlineData("a. = 1", 1, 4, "expected a key")]
    [InlineData(".a = 1", 1, 1, "expected a key")]
    [InlineData("a..b = 1", 1, 3, "expected a key")]
    [InlineData("a.\nb = 1", 1, 3, "the end of the line")]
    [InlineData("a = 1 b = 2", 1, 7, "expected the end of the line")]
    [InlineData("a = 'x' 'y'", 1, 9, "expected the end of the line")]
    [InlineData("\"a\nb\" = 1", 1, 1, "not closed")]
    [InlineData("\"\"\"a\"\"\" = 1", 1, 1, "multi-line")]
    [InlineData("'''a''' = 1", 1, 1, "multi-line")]
    [InlineData("a =", 1, 4, "expected a value, found the end of the file")]
    [InlineData("a = # c", 1, 5, "expected a value")]
    [InlineData("a =\n1", 1, 4, "expected a value, found the end of the line")]
    [InlineData("a\n= 1", 1, 2, "expected '='")]
    [InlineData("a = 1,", 1, 6, "expected the end of the line")]
    [InlineData("a : 1", 1, 3, "expected '='")]
    [InlineData("x = 1\n\n  😀 = 2", 3, 3, "expected a key, found '😀'")]
    public void Statements_are_one_key_and_one_value(string text, int line, int column, string message)
    {
        ShouldFail(text, line, column, message);
    }

    [Theory]
    [InlineData("a = 1\na = 2", 2, 1, "'a' is already defined as an integer at line 1, column 5")]
    [InlineData("a = 1\n'a' = 2", 2, 1, "already defined")]
    [InlineData("a = 1\na.b = 2", 2, 1, "already defined as an integer")]
    [InlineData("a.b = 1\na = 2", 2, 1, "already defined as a table by dotted keys")]
    [InlineData("a.b = 1\na.b = 2", 2, 3, "'b' is already defined")]
    [InlineData("a.b = 1\na.b.c = 2", 2, 3, "already defined")]
    [InlineData("[a]\n[a]", 2, 2, "already defined as a table at line 1, column 2")]
    [InlineData("[a]\nb = 1\n[a.b]", 3, 4, "already defined as an integer")]
    [InlineData("[a]\nb = 1\n[a.b.c]", 3, 4, "already defined as an integer")]
    [InlineData("a.b = 1\n[a]", 2, 2, "dotted keys")]
    [InlineData("[a]\nb.c = 1\n[a.b]", 3, 4, "dotted keys")]
    [InlineData("[a]\nb.c.d = 1\n[a.b.c]", 3, 6, "dotted keys")]
    [InlineData("[a.b.c]\nz = 9\n[a]\nb.c.t = 1", 4, 1, "'b' is already defined")]
    [InlineData("[a.b.c.d]\nz = 9\n[a]\nb.c.d.k.t = 1", 4, 1, "'b' is already defined")]
    [InlineData("[a.b]\n[a]\nb = 1", 3, 1, "already defined as a table")]
    [InlineData("[a.b]\n[a]\n[a.b]", 3, 4, "already defined")]
    [InlineData("[a]\n[a.b]\n[a]", 3, 2, "already defined")]
    [InlineData("a = {}\n[a]", 2, 2, "inline table")]
    [InlineData("a = {}\n[a.b]", 2, 2, "inline table")]
    [InlineData("a = {}\na.b = 1", 2, 1, "inline table")]
    [InlineData("a = {b = {}}\n[a.b.c]", 2, 2, "inline table")]
    [InlineData("a = {b.c = 1}\na.b.d = 2", 2, 1, "inline table")]
    [InlineData("[t]\na.b = {c = 1}\na.b.d = 2", 3, 3, "inline table")]
    [InlineData("[[a]]\n[a]", 2, 2, "an array of tables")]
    [InlineData("[a]\n[[a]]", 2, 3, "already defined as a table")]
    [InlineData("[a.b]\n[[a]]", 2, 3, "already defined as a table")]
    [InlineData("a = []\n[[a]]", 2, 3, "already defined as an array")]
    [InlineData("a = [{}]\n[[a]]", 2, 3, "already defined as an array")]
    [InlineData("a = [{b = 1}]\n[a.c]", 2, 2, "already defined as an array")]
    [InlineData("[[a]]\n[[a.b]]\n[a.b]", 3, 4, "an array of tables")]
    [InlineData("[[a]]\n[a.b]\n[[a.b]]", 3, 5, "already defined as a table")]
    [InlineData("[[a.b]]\n[a]\nb.y = 2", 3, 1, "an array of tables")]
    [InlineData("[[a]]\nx = 1\nx = 2", 3, 1, "already defined")]
    [InlineData("a = 1\n[a]", 2, 2, "already defined as an integer")]
    [InlineData("a = 1\n[[a]]", 2, 3, "already defined as an integer")]
    public void Nothing_is_defined_twice(string text, int line, int column, string message)
    {
        ShouldFail(text, line, column, message);
    }

    [Theory]
    [InlineData("[", 1, 2)]
    [InlineData("[]", 1, 2)]
    [InlineData("[[]]", 1, 3)]
    [InlineData("[a", 1, 3)]
    [InlineData("[a]]", 1, 4)]
    [InlineData("[[a]", 1, 4)]
    [InlineData("[[a] ]", 1, 4)]
    [InlineData("[ [a]]", 1, 3)]
    [InlineData("[a.]", 1, 4)]
    [InlineData("[.a]", 1, 2)]
    [InlineData("[a..b]", 1, 4)]
    [InlineData("[a b]", 1, 4)]
    [InlineData("[a]x = 1", 1, 4)]
    [InlineData("[a] b = 1", 1, 5)]
    [InlineData("[a\n]", 1, 3)]
    [InlineData("[\"\"\"a\"\"\"]", 1, 2)]
    [InlineData("[a#b]", 1, 3)]
    [InlineData("x = 1 [a]", 1, 7)]
    public void Headers_are_closed_and_stand_alone(string text, int line, int column)
    {
        TomlTrees.ReadError(text).Position.Should().Be(new TomlPosition(line, column));
    }

    [Theory]
    [InlineData("01", "leading zeros")]
    [InlineData("-01", "leading zeros")]
    [InlineData("00", "leading zeros")]
    [InlineData("0_1", "leading zeros")]
    [InlineData("_1", "underscore")]
    [InlineData("1_", "underscore")]
    [InlineData("1__0", "underscore")]
    [InlineData("+_1", "underscore")]
    [InlineData("0x", "digit")]
    [InlineData("0x_1", "underscore")]
    [InlineData("0x1_", "underscore")]
    [InlineData("0xg", "digit")]
    [InlineData("0o8", "digit")]
    [InlineData("0b2", "digit")]
    [InlineData("0o18", "no digit of it")]
    [InlineData("0X1", "no number")]
    [InlineData("0O7", "no number")]
    [InlineData("0z1", "prefixes")]
    [InlineData("+0x1", "no number")]
    [InlineData("-0b1", "no number")]
    [InlineData("9223372036854775808", "64 bits")]
    [InlineData("-9223372036854775809", "64 bits")]
    [InlineData("0x8000000000000000", "64 bits")]
    [InlineData("0o1000000000000000000000", "64 bits")]
    [InlineData("99999999999999999999999999", "64 bits")]
    [InlineData("1.", "digit")]
    [InlineData(".5", "digit")]
    [InlineData("1.e1", "digit")]
    [InlineData("1e", "digit")]
    [InlineData("1e+", "digit")]
    [InlineData("1e1.5", "no number")]
    [InlineData("1.5.5", "no number")]
    [InlineData("1_.5", "underscore")]
    [InlineData("1._5", "underscore")]
    [InlineData("1.5_", "underscore")]
    [InlineData("1e_5", "underscore")]
    [InlineData("1_e5", "underscore")]
    [InlineData("01.5", "leading zeros")]
    [InlineData("00.5", "leading zeros")]
    [InlineData("1.5f", "no number")]
    [InlineData("+", "digit")]
    [InlineData("-", "digit")]
    [InlineData("++1", "digit")]
    [InlineData("1-1", "no number")]
    [InlineData("Inf", "quoted")]
    [InlineData("NaN", "quoted")]
    [InlineData("+true", "digit")]
    [InlineData("infinity", "quoted")]
    [InlineData("True", "quoted")]
    [InlineData("FALSE", "quoted")]
    [InlineData("truer", "quoted")]
    [InlineData("yes", "quoted")]
    [InlineData("nil", "quoted")]
    public void Numbers_and_words_follow_the_grammar(string text, string message)
    {
        ShouldFail($"v = {text}", 1, 5, message);
    }

    [Theory]
    [InlineData("2021-02-29", "no day")]
    [InlineData("2100-02-29", "no day")]
    [InlineData("1900-02-29", "no day")]
    [InlineData("2021-02-30", "no day")]
    [InlineData("2021-04-31", "no day")]
    [InlineData("2021-13-01", "no day")]
    [InlineData("2021-00-01", "no day")]
    [InlineData("2021-01-00", "no day")]
    [InlineData("2021-01-32", "no day")]
    [InlineData("0000-01-01", "no day")]
    [InlineData("2021-1-1", "year-month-day")]
    [InlineData("2021-01", "year-month-day")]
    [InlineData("2021-01-1", "year-month-day")]
    [InlineData("12021-01-01", "no number")]
    [InlineData("2021-01-01T", "hour:minute:second")]
    [InlineData("2021-01-01T7:32:00", "hour:minute:second")]
    [InlineData("2021-01-01T24:00:00", "no time of day")]
    [InlineData("2021-01-01T00:60:00", "no time of day")]
    [InlineData("2021-01-01T00:00:61", "no time of day")]
    [InlineData("1990-12-31T23:59:60Z", "no time of day")]
    [InlineData("2021-01-01T0:00", "hour:minute:second")]
    [InlineData("2021-01-01T24:00", "no time of day")]
    [InlineData("23:59:59.999999999", "seven digits")]
    [InlineData("1979-05-27T00:32:00+23:59", "offset")]
    [InlineData("2021-01-01T00:00:00.", "hour:minute:second")]
    [InlineData("2021-01-01T00:00:00.Z", "hour:minute:second")]
    [InlineData("2021-01-01T00:00:00+24:00", "offset")]
    [InlineData("2021-01-01T00:00:00+00:60", "offset")]
    [InlineData("2021-01-01T00:00:00+0000", "offset")]
    [InlineData("2021-01-01T00:00:00+00", "offset")]
    [InlineData("2021-01-01T00:00:00ZZ", "offset")]
    [InlineData("2021-01-01x00:00:00", "separated")]
    [InlineData("2021-01-0100:00:00", "separated")]
    [InlineData("2021-01-01 1", "hour:minute:second")]
    [InlineData("7:32:00", "no number")]
    [InlineData("24:00:00", "no time of day")]
    [InlineData("07:32:00Z", "no offset")]
    [InlineData("07:32:00.1.2", "no offset")]
    public void Dates_and_times_are_real_ones(string text, string message)
    {
        ShouldFail($"v = {text}", 1, 5, message);
    }

    [Fact]
    public void A_date_and_a_time_are_not_two_spaces_apart()
    {
        ShouldFail("v = 2021-01-01  00:00:00", 1, 17, "expected the end of the line");
    }

    [Theory]
    [InlineData("\"x", 1, 5, "not closed")]
    [InlineData("'x", 1, 5, "not closed")]
    [InlineData("\"x\ny\"", 1, 5, "not closed")]
    [InlineData("'x\ny'", 1, 5, "not closed")]
    [InlineData("\"x\\\ny\"", 1, 7, "escape")]
    [InlineData("\"\\a\"", 1, 6, "escape")]
    [InlineData("\"\\'\"", 1, 6, "escape")]
    [InlineData("\"\\ \"", 1, 6, "escape")]
    [InlineData("\"\\u12\"", 1, 6, "4 hexadecimal")]
    [InlineData("\"\\x4\"", 1, 6, "2 hexadecimal")]
    [InlineData("\"\\xg1\"", 1, 6, "2 hexadecimal")]
    [InlineData("\"\\u12g4\"", 1, 6, "4 hexadecimal")]
    [InlineData("\"\\U0001F60\"", 1, 6, "8 hexadecimal")]
    [InlineData("\"\\uD800\"", 1, 6, "no Unicode character")]
    [InlineData("\"\\", 1, 5, "not closed")]
    [InlineData("\"\\u12", 1, 6, "4 hexadecimal")]
    [InlineData("\"\"\"\\x", 1, 8, "2 hexadecimal")]
    [InlineData("\"\\uDFFF\"", 1, 6, "no Unicode character")]
    [InlineData("\"\\U00110000\"", 1, 6, "no Unicode character")]
    [InlineData("\"\\UFFFFFFFF\"", 1, 6, "no Unicode character")]
    [InlineData("\"a\u0000b\"", 1, 7, "U+0000")]
    [InlineData("\"a\u001Fb\"", 1, 7, "U+001F")]
    [InlineData("\"a\u007Fb\"", 1, 7, "U+007F")]
    [InlineData("'a\u0008b'", 1, 7, "U+0008")]
    [InlineData("\"\"\"a\u0000\"\"\"", 1, 9, "U+0000")]
    [InlineData("\"\"\"\na\u007F\"\"\"", 2, 2, "U+007F")]
    [InlineData("'''\n\u000B'''", 2, 1, "U+000B")]
    [InlineData("\"\"\"a\rb\"\"\"", 1, 9, "line feed")]
    [InlineData("'''a\r'''", 1, 9, "line feed")]
    [InlineData("\"\"\"a\\\r b\"\"\"", 1, 10, "line feed")]
    [InlineData("\"\"\"a", 1, 5, "never closed")]
    [InlineData("'''a''", 1, 5, "never closed")]
    [InlineData("\"\"\"a\\ b\"\"\"", 1, 9, "escape")]
    [InlineData("\"\"\"a\"\"\"\"\"\"", 1, 14, "expected the end of the line")]
    [InlineData("''''''''''''", 1, 13, "expected the end of the line")]
    [InlineData("\"a\"b", 1, 8, "expected the end of the line")]
    [InlineData("'a\\''", 1, 9, "expected the end of the line")]
    [InlineData("\"a\" \"b\"", 1, 9, "expected the end of the line")]
    public void Strings_are_closed_and_hold_only_what_they_may(string text, int line, int column, string message)
    {
        ShouldFail($"v = {text}", line, column, message);
    }

    [Theory]
    [InlineData("[", 1, 5, "never closed")]
    [InlineData("[1", 1, 5, "never closed")]
    [InlineData("[1, # c", 1, 5, "never closed")]
    [InlineData("[1 2]", 1, 8, "expected ',' or ']'")]
    [InlineData("[1,,2]", 1, 8, "expected a value")]
    [InlineData("[,]", 1, 6, "expected a value")]
    [InlineData("[1;2]", 1, 7, "expected ',' or ']'")]
    [InlineData("[1}", 1, 7, "expected ',' or ']'")]
    [InlineData("[a]", 1, 6, "quoted")]
    [InlineData("[1]]", 1, 8, "expected the end of the line")]
    [InlineData("[\n1, # \u0001\n]", 2, 6, "U+0001")]
    [InlineData("{", 1, 6, "expected a key")]
    [InlineData("{a", 1, 7, "expected '='")]
    [InlineData("{a = 1", 1, 11, "expected ',' or '}'")]
    [InlineData("{,}", 1, 6, "expected a key")]
    [InlineData("{a = 1 b = 2}", 1, 12, "expected ',' or '}'")]
    [InlineData("{a = 1,, b = 2}", 1, 12, "expected a key")]
    [InlineData("{a = 1, a = 2}", 1, 13, "already defined")]
    [InlineData("{a = {b = 1}, a.c = 2}", 1, 19, "inline table")]
    [InlineData("{a.b = 1, a = {}}", 1, 15, "dotted keys")]
    [InlineData("{a = [{b = 1}], a.c = 1}", 1, 21, "already defined as an array")]
    [InlineData("{a}", 1, 7, "expected '='")]
    [InlineData("{[a]}", 1, 6, "expected a key")]
    [InlineData("{a = 1}}", 1, 12, "expected the end of the line")]
    [InlineData("{\na = 1\nb = 2}", 3, 1, "expected ',' or '}'")]
    [InlineData("{\na = 1,,\n}", 2, 7, "expected a key")]
    [InlineData("{\na = 1, # c", 2, 8, "expected a key, found '#'")]
    [InlineData("{\na = 1\n[b]", 3, 1, "expected ',' or '}'")]
    public void Arrays_and_inline_tables_are_closed_and_separated(string text, int line, int column, string message)
    {
        ShouldFail($"v = {text}", line, column, message);
    }

    [Theory]
    [InlineData("# a\u0000", 1, 4, "U+0000")]
    [InlineData("# a\u001F\n", 1, 4, "U+001F")]
    [InlineData("# a\u007F", 1, 4, "U+007F")]
    [InlineData("# a\rb\n", 1, 4, "line feed")]
    [InlineData("a = 1 # c\u0001", 1, 10, "U+0001")]
    [InlineData("a = 1\rb = 2", 1, 6, "line feed")]
    [InlineData("\r", 1, 1, "line feed")]
    [InlineData("a = 1\r", 1, 6, "line feed")]
    [InlineData("a = 1\u0000", 1, 6, "U+0000")]
    [InlineData("a = 1\n\u000C", 2, 1, "U+000C")]
    [InlineData("a\u000B= 1", 1, 2, "U+000B")]
    [InlineData("a = 1\n\uFEFFb = 2", 2, 1, "expected a key")]
    [InlineData("a = 1\u00A0", 1, 6, "expected the end of the line")]
    public void Control_characters_bare_returns_and_late_byte_order_marks_are_refused(string text, int line, int column, string message)
    {
        ShouldFail(text, line, column, message);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'#', 0xFF }, 1, 2)]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'a', 0 }, 1, 1)]
    [InlineData(new byte[] { (byte)'#', 0xC3, 0xA9, (byte)'\n', (byte)'#', 0xC3 }, 2, 2)]
    [InlineData(new byte[] { (byte)'#', 0xC0, 0x80 }, 1, 2)]
    [InlineData(new byte[] { (byte)'#', 0xED, 0xA0, 0x80 }, 1, 2)]
    [InlineData(new byte[] { (byte)'#', 0xF4, 0x90, 0x80, 0x80 }, 1, 2)]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'#', (byte)'#', 0x80 }, 1, 3)]
    public void Bytes_that_are_not_utf8_are_refused_at_their_place(byte[] bytes, int line, int column)
    {
        var error = TomlTrees.ReadError(bytes);

        error.Position.Should().Be(new TomlPosition(line, column));
        error.Message.Should().Contain("UTF-8");
    }

    [Theory]
    [InlineData("array")]
    [InlineData("inline")]
    [InlineData("header")]
    [InlineData("dotted")]
    [InlineData("mixed")]
    public void Nesting_beyond_the_bound_is_refused(string kind)
    {
        const int TooDeep = TomlReader.MaxDepth + 1;
        var path = string.Join('.', Enumerable.Repeat("a", TooDeep));
        var text = kind switch
        {
            "array" => "v = " + new string('[', 100_000),
            "inline" => "v = " + string.Concat(Enumerable.Repeat("{a=", 100_000)),
            "header" => $"[{path}]",
            "dotted" => $"a.{path} = 1",
            _ => $"[{path[..^4]}]\nb = [{{c.d = 1}}]",
        };

        var error = TomlTrees.ReadError(text);

        error.Message.Should().Contain("256");
        error.Position.Line.Should().Be(kind == "mixed" ? 2 : 1);
        error.Position.Column.Should().Be(kind switch { "array" => 261, "inline" => 5 + (256 * 3), "header" => 2, "dotted" => 1, _ => 6 });
    }

    [Theory]
    [InlineData("api_key = sk-hush")]
    [InlineData("api_key = 2024-99-hush")]
    [InlineData("api_key = 0hush")]
    [InlineData("api_key = 1hush")]
    [InlineData("api_key = \"sk\" hush")]
    [InlineData("api_key = \"hush")]
    [InlineData("api_key = \"\"\"hush")]
    [InlineData("api_key = \"hush\\q\"")]
    [InlineData("api_key = 'x'hush")]
    [InlineData("api_key = ['a' 'hush']")]
    [InlineData("api_key = {a = 'x' 'hush'}")]
    [InlineData("api_key 'hush'")]
    [InlineData("[api_key 'hush']")]
    [InlineData("api_key = 'hush'\napi_key = 'hush'")]
    public void No_message_repeats_a_value(string text)
    {
        TomlTrees.ReadError(text).Message.Should().NotContain("hush");
    }

    private static void ShouldFail(string text, int line, int column, string message)
    {
        var error = TomlTrees.ReadError(text);

        error.Position.Should().Be(new TomlPosition(line, column), "the message is: {0}", error.Message);
        error.Message.Should().Contain(message);
    }
}
