using Synthwave.Chat.Tools;

namespace Synthwave.UnitTests.Chat.Tools;

public class CallNameTests
{
    [Theory]
    [InlineData("exec<|channel|>commentary", "exec")]
    [InlineData("find?<|channel|>commentary", "find?")]
    [InlineData("exec <|channel|>commentary", "exec")]
    [InlineData("get_weather<|im_end|>", "get_weather")]
    [InlineData("<|im_end|>", "")]
    [InlineData("<|channel|>commentary", "")]
    [InlineData("a<|x|>b_c-d", "a-d")]
    [InlineData("a<|x|>Z9", "a9")]
    [InlineData("a<|x|", "a")]
    [InlineData("a<|x", "a")]
    [InlineData("a<||>b", "a")]
    [InlineData("<|channel|>commentary to=functions.exec", "to=functions.exec")]
    [InlineData("a<|b<|c|>d", "ac|>d")]
    [InlineData("  ok  ", "ok")]
    [InlineData("plain", "plain")]
    public void Leaked_marks_go_and_the_name_stays(string written, string clean) => CallName.Clean(written).Should().Be(clean);

    [Theory]
    [InlineData("exec", "exec")]
    [InlineData("Exec", "exec")]
    [InlineData("functions.exec", "exec")]
    [InlineData("functions.EXEC", "exec")]
    [InlineData("<|channel|>commentary to=functions.exec", "exec")]
    [InlineData("exec<|channel|>commentary", "exec")]
    [InlineData("READ", null)]
    [InlineData("read", "read")]
    [InlineData("functions.Read", "Read")]
    [InlineData("execute", null)]
    [InlineData("exe", null)]
    [InlineData("", null)]
    [InlineData("functions.", null)]
    public void A_near_miss_is_resolved_when_one_declared_name_matches(string written, string? declared) =>
        ToolSamples.Declared("exec", "read", "Read").Resolve(written).Should().Be(declared);

    [Fact]
    public void Entries_without_a_usable_name_declare_nothing()
    {
        var declared = DeclaredTools.Read("""[{"type":"function","function":{}},{"type":"function","function":{"name":""}},{"type":"function","function":{"name":7}}]"""u8.ToArray());

        declared.Count.Should().Be(0);
    }

    [Fact]
    public void A_name_declared_twice_is_one_name()
    {
        var declared = ToolSamples.Declared("exec", "exec", "Exec", "");

        declared.Count.Should().Be(2);
        declared.Resolve("exec").Should().Be("exec");
        declared.Resolve("Exec").Should().Be("Exec");
        declared.Resolve("EXEC").Should().BeNull("two names are as near");
        ToolSamples.Declared("exec", "exec").Resolve("EXEC").Should().Be("exec");
    }
}
