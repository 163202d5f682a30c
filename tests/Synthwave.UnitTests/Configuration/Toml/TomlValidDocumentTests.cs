using Synthwave.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration.Toml;

public sealed class TomlValidDocumentTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("\n\r\n \t\n", "{}")]
    [InlineData("# only a comment", "{}")]
    [InlineData("# tab\tand é 😀 are fine\n", "{}")]
    [InlineData("a=1", "{a: i1}")]
    [InlineData("a = 1 # comment", "{a: i1}")]
    [InlineData("\t a\t=\t1\t\r\nb = 2\r\n", "{a: i1, b: i2}")]
    [InlineData("\uFEFFa = 1", "{a: i1}")]
    public void Documents_are_lines_of_keys_comments_and_blanks(string text, string expected)
    {
        TomlTrees.Show(TomlTrees.Read(text)).Should().Be(expected);
    }

    [Theory]
    [InlineData("bare_key-1 = 1", "{bare_key-1: i1}")]
    [InlineData("1234 = 1", "{1234: i1}")]
    [InlineData("- = 1\n_ = 2", "{-: i1, _: i2}")]
    [InlineData("\"a b\" = 1", "{a b: i1}")]
    [InlineData("'a\\n\"b\"' = 1", "{a\\n\"b\": i1}")]
    [InlineData("\"\" = 1", "{: i1}")]
    [InlineData("'' = 1", "{: i1}")]
    [InlineData("\"\\u00e9\" = 1", "{é: i1}")]
    [InlineData("a.b.c = 1", "{a: {b: {c: i1}}}")]
    [InlineData("a . \"b.c\" \t. d = 1", "{a: {b.c: {d: i1}}}")]
    [InlineData("3.14 = 1", "{3: {14: i1}}")]
    [InlineData("a.b = 1\na.c = 2", "{a: {b: i1, c: i2}}")]
    [InlineData("a.b = 1\nz = 0\na.c = 2", "{a: {b: i1, c: i2}, z: i0}")]
    [InlineData("true = 1\ninf = 2\n2020-01-01 = 3", "{true: i1, inf: i2, 2020-01-01: i3}")]
    [InlineData("a = 1\nA = 2", "{a: i1, A: i2}")]
    public void Keys_are_bare_quoted_or_dotted(string text, string expected)
    {
        TomlTrees.Show(TomlTrees.Read(text)).Should().Be(expected);
    }

    [Theory]
    [InlineData("0", "i0")]
    [InlineData("+0", "i0")]
    [InlineData("-0", "i0")]
    [InlineData("+99", "i99")]
    [InlineData("-17", "i-17")]
    [InlineData("1_000", "i1000")]
    [InlineData("1_2_3", "i123")]
    [InlineData("9223372036854775807", "i9223372036854775807")]
    [InlineData("-9223372036854775808", "i-9223372036854775808")]
    [InlineData("0xDEAD_beef", "i3735928559")]
    [InlineData("0x00", "i0")]
    [InlineData("0o0755", "i493")]
    [InlineData("0b1101_0110", "i214")]
    [InlineData("0x7fff_ffff_ffff_ffff", "i9223372036854775807")]
    [InlineData("0o777777777777777777777", "i9223372036854775807")]
    [InlineData("0xe0", "i224")]
    public void Integers_have_four_bases(string text, string expected)
    {
        TomlTrees.Show(TomlTrees.Read($"v = {text}")).Should().Be($"{{v: {expected}}}");
    }

    [Theory]
    [InlineData("1.0", "f1")]
    [InlineData("+1.5", "f1.5")]
    [InlineData("-0.01", "f-0.01")]
    [InlineData("-0.0", "f-0")]
    [InlineData("5e+22", "f5E+22")]
    [InlineData("1e06", "f1000000")]
    [InlineData("-2E-2", "f-0.02")]
    [InlineData("6.626e-34", "f6.626E-34")]
    [InlineData("0e0", "f0")]
    [InlineData("0.0e0", "f0")]
    [InlineData("1e1_0", "f10000000000")]
    [InlineData("224_617.445_991", "f224617.445991")]
    [InlineData("inf", "fInfinity")]
    [InlineData("+inf", "fInfinity")]
    [InlineData("-inf", "f-Infinity")]
    [InlineData("nan", "fNaN")]
    [InlineData("+nan", "fNaN")]
    [InlineData("-nan", "fNaN")]
    public void Floats_have_a_fraction_an_exponent_or_are_special(string text, string expected)
    {
        TomlTrees.Show(TomlTrees.Read($"v = {text}")).Should().Be($"{{v: {expected}}}");
    }

    [Theory]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("1979-05-27T07:32:00Z", "OffsetDateTime(1979-05-27T07:32:00Z)")]
    [InlineData("1979-05-27t07:32:00z", "OffsetDateTime(1979-05-27T07:32:00Z)")]
    [InlineData("1979-05-27 07:32:00Z", "OffsetDateTime(1979-05-27T07:32:00Z)")]
    [InlineData("1979-05-27T00:32:00.999999-07:00", "OffsetDateTime(1979-05-27T00:32:00.999999-07:00)")]
    [InlineData("1979-05-27T00:32:00+13:59", "OffsetDateTime(1979-05-27T00:32:00+13:59)")]
    [InlineData("1979-05-27T07:32", "LocalDateTime(1979-05-27T07:32:00)")]
    [InlineData("1979-05-27 07:32z", "OffsetDateTime(1979-05-27T07:32:00Z)")]
    [InlineData("1979-05-27T07:32-07:00", "OffsetDateTime(1979-05-27T07:32:00-07:00)")]
    [InlineData("1979-05-27T07:32:00", "LocalDateTime(1979-05-27T07:32:00)")]
    [InlineData("1979-05-27 07:32:00.5", "LocalDateTime(1979-05-27T07:32:00.5)")]
    [InlineData("1979-05-27", "LocalDate(1979-05-27)")]
    [InlineData("1979-05-27 # date", "LocalDate(1979-05-27)")]
    [InlineData("0001-01-01", "LocalDate(0001-01-01)")]
    [InlineData("9999-12-31", "LocalDate(9999-12-31)")]
    [InlineData("2000-02-29", "LocalDate(2000-02-29)")]
    [InlineData("2024-02-29", "LocalDate(2024-02-29)")]
    [InlineData("07:32:00", "LocalTime(07:32:00)")]
    [InlineData("23:59:59.9999999", "LocalTime(23:59:59.9999999)")]
    [InlineData("07:32", "LocalTime(07:32:00)")]
    public void Booleans_dates_and_times(string text, string expected)
    {
        TomlTrees.Show(TomlTrees.Read($"v = {text}")).Should().Be($"{{v: {expected}}}");
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"a # b\"", "a # b")]
    [InlineData("\"tab\there\"", "tab\there")]
    [InlineData(@"""\b\t\n\f\r\""\\""", "\b\t\n\f\r\"\\")]
    [InlineData(@"""\u0041\U0001F600\u0000""", "A😀\0")]
    [InlineData(@"""\x41\xe9\e""", "Aé\u001B")]
    [InlineData(@"""\uD7FF\uE000\U0010FFFF""", "\uD7FF\uE000\U0010FFFF")]
    [InlineData("\"😀é\"", "😀é")]
    [InlineData("\"it's\"", "it's")]
    [InlineData("''", "")]
    [InlineData(@"'C:\x ""y"" \u0041'", @"C:\x ""y"" \u0041")]
    [InlineData("\"\"\"\"\"\"", "")]
    [InlineData("''''''", "")]
    [InlineData("\"\"\"\nfirst\nsecond\"\"\"", "first\nsecond")]
    [InlineData("\"\"\"\r\nfirst\r\nsecond\"\"\"", "first\nsecond")]
    [InlineData("\"\"\"\n\nx\"\"\"", "\nx")]
    [InlineData("\"\"\"a \\\n   b\"\"\"", "a b")]
    [InlineData("\"\"\"a \\  \t\r\n\r\n \t b\"\"\"", "a b")]
    [InlineData("\"\"\"\\\n\"\"\"", "")]
    [InlineData("\"\"\"a\\\\\nb\"\"\"", "a\\\nb")]
    [InlineData("\"\"\"one \" two \"\" three \\\"\"\" \"\"\"", "one \" two \"\" three \"\"\" ")]
    [InlineData("\"\"\"a\"\"\"\"", "a\"")]
    [InlineData("\"\"\"a\"\"\"\"\"", "a\"\"")]
    [InlineData("\"\"\"\"a\"\"\"", "\"a")]
    [InlineData("\"\"\"\"\"a\"\"\"", "\"\"a")]
    [InlineData("\"\"\"\"\"\"\"\"", "\"\"")]
    [InlineData("'''\na\\b\r\n'c''d'''", "a\\b\n'c''d")]
    [InlineData("'''a''''", "a'")]
    [InlineData("'''a'''''", "a''")]
    [InlineData("\"\"\"it's '''fine'''\"\"\"", "it's '''fine'''")]
    [InlineData("'''say \"\"\"x\"\"\"'''", "say \"\"\"x\"\"\"")]
    public void Strings_are_basic_or_literal_on_one_line_or_several(string text, string expected)
    {
        var value = TomlTrees.Read($"v = {text}").Find("v")!.Value;

        value.Should().BeOfType<TomlString>().Which.Value.Should().Be(expected);
    }

    [Theory]
    [InlineData("[]", "[]")]
    [InlineData("[1, 2]", "[i1, i2]")]
    [InlineData("[1,2,]", "[i1, i2]")]
    [InlineData("[ # c\n  1, # one\n\n  'x'\n  # end\n  ,\r\n]", "[i1, s'x']")]
    [InlineData("[[1], ['a', [true]]]", "[[i1], [s'a', [true]]]")]
    [InlineData("[1.0, 1, 1979-05-27]", "[f1, i1, LocalDate(1979-05-27)]")]
    [InlineData("[{a = 1}, {}]", "[{a: i1}, {}]")]
    [InlineData("[\"]\", '#']", "[s']', s'#']")]
    [InlineData("{}", "{}")]
    [InlineData("{ }", "{}")]
    [InlineData("{a=1,b = 'x' , c.d = true}", "{a: i1, b: s'x', c: {d: true}}")]
    [InlineData("{a.b = 1, a.c = {d = 2}}", "{a: {b: i1, c: {d: i2}}}")]
    [InlineData("{a = [\n1, # one\n2\n], b = \"\"\"\nx\"\"\"}", "{a: [i1, i2], b: s'x'}")]
    [InlineData("{a = 1,}", "{a: i1}")]
    [InlineData("{\na = 1, # c\n\n  b.c = [\n]\n}", "{a: i1, b: {c: []}}")]
    [InlineData("{a = 1 # c\n, b = 2\n}", "{a: i1, b: i2}")]
    public void Arrays_and_inline_tables_span_lines(string text, string expected)
    {
        TomlTrees.Show(TomlTrees.Read($"v = {text}")).Should().Be($"{{v: {expected}}}");
    }

    [Theory]
    [InlineData("[a]", "{a: {}}")]
    [InlineData("[a]\nb = 1\n[c]\nd = 2", "{a: {b: i1}, c: {d: i2}}")]
    [InlineData("[ a . 'b.c' . \"d\" ] # c", "{a: {b.c: {d: {}}}}")]
    [InlineData("[a.b.c]\n[a]\nx = 1", "{a: {b: {c: {}}, x: i1}}")]
    [InlineData("[a.b]\n[a.c]\n[a]", "{a: {b: {}, c: {}}}")]
    [InlineData("[a]\nb.c = 1\n[a.b.d]\nx = 1", "{a: {b: {c: i1, d: {x: i1}}}}")]
    [InlineData("a.b = 1\n[a.c]\nx = 1", "{a: {b: i1, c: {x: i1}}}")]
    [InlineData("x = 1\n[a]\nx = 2\n[a.a]\nx = 3", "{x: i1, a: {x: i2, a: {x: i3}}}")]
    [InlineData("[[a]]\n[[a]]\nx = 1\n[[ a ]]", "{a: [{}, {x: i1}, {}]}")]
    [InlineData("[[a]]\n[a.b]\nx = 1\n[[a]]\n[a.b]\nx = 2", "{a: [{b: {x: i1}}, {b: {x: i2}}]}")]
    [InlineData("[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[[a]]\n[[a.b]]", "{a: [{b: [{x: i1}, {x: i2}]}, {b: [{}]}]}")]
    [InlineData("[[a.b]]\n[a]\nx = 1", "{a: {b: [{}], x: i1}}")]
    [InlineData("[[a]]\nb.c = 1\nb.d = 2\n[[a]]\nb.c = 3", "{a: [{b: {c: i1, d: i2}}, {b: {c: i3}}]}")]
    [InlineData("[a]\n[b]\n[a.c]", "{a: {c: {}}, b: {}}")]
    [InlineData("['']\nx = 1", "{: {x: i1}}")]
    public void Headers_open_tables_and_elements_of_arrays_of_tables(string text, string expected)
    {
        TomlTrees.Show(TomlTrees.Read(text)).Should().Be(expected);
    }

    [Fact]
    public void Nesting_up_to_the_bound_is_read()
    {
        var depth = TomlReader.MaxDepth;

        TomlTrees.Read($"a = {new string('[', depth)}{new string(']', depth)}");
        TomlTrees.Read($"[{string.Join('.', Enumerable.Repeat("a", depth))}]");
        TomlTrees.Read($"{string.Join('.', Enumerable.Repeat("a", depth))} = 1");
    }

    [Fact]
    public void Values_know_their_line_and_column_in_code_points()
    {
        var root = TomlTrees.Read("\uFEFF# é\r\n\"😀é\" = 'x'\n[ 'tä😀g' . b ] \n\tk = [1, {z = '''\n\n''', y = 2}]\n");

        root.Find("😀é")!.KeyPosition.Should().Be(new TomlPosition(2, 1));
        root.Find("😀é")!.Value.Position.Should().Be(new TomlPosition(2, 8));
        var table = (TomlTable)((TomlTable)root.Find("tä😀g")!.Value).Find("b")!.Value;
        table.Position.Should().Be(new TomlPosition(3, 12));
        var array = (TomlArray)table.Find("k")!.Value;
        array.Position.Should().Be(new TomlPosition(4, 6));
        array.Items[0].Position.Should().Be(new TomlPosition(4, 7));
        var inline = (TomlTable)array.Items[1];
        inline.Position.Should().Be(new TomlPosition(4, 10));
        inline.Find("y")!.KeyPosition.Should().Be(new TomlPosition(6, 6));
        inline.Find("y")!.Value.Position.Should().Be(new TomlPosition(6, 10));
    }

    [Fact]
    public void A_table_defined_after_its_children_stands_where_its_header_is()
    {
        var root = TomlTrees.Read("[a.b]\n\n  [a]\n");

        root.Find("a")!.KeyPosition.Should().Be(new TomlPosition(1, 2));
        root.Find("a")!.Value.Position.Should().Be(new TomlPosition(3, 4));
    }
}
