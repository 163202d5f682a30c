using System.Text;
using System.Text.Json;
using Synthwave.Api.Dialects.Responses;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Dialects;

public class ClientActionsTests
{
    [Theory]
    [InlineData("LocalShell", """{"command":["ls","-l"],"working_directory":"/w","timeout_ms":5,"env":{"A":"b"},"user":"u"}""", """{"type":"exec","command":["ls","-l"],"env":{"A":"b"},"timeout_ms":5,"user":"u","working_directory":"/w"}""")]
    [InlineData("LocalShell", """{"command":"ls -l"}""", """{"type":"exec","command":["bash","-lc","ls -l"],"env":{}}""")]
    [InlineData("LocalShell", """{"command":[1,"x"],"env":{"A":1},"timeout_ms":"5"}""", """{"type":"exec","command":["x"],"env":{}}""")]
    [InlineData("LocalShell", "nonsense", """{"type":"exec","command":[],"env":{}}""")]
    [InlineData("Shell", """{"commands":["a","b"],"timeout_ms":5,"max_output_length":9}""", """{"commands":["a","b"],"timeout_ms":5,"max_output_length":9}""")]
    [InlineData("Shell", """{"commands":"a"}""", """{"commands":["a"],"timeout_ms":null,"max_output_length":null}""")]
    [InlineData("Shell", """{"command":"a"}""", """{"commands":["a"],"timeout_ms":null,"max_output_length":null}""")]
    [InlineData("Shell", "[]", """{"commands":[],"timeout_ms":null,"max_output_length":null}""")]
    [InlineData("ApplyPatch", """{"type":"create_file","path":"p","diff":"+x"}""", """{"type":"create_file","path":"p","diff":"+x"}""")]
    [InlineData("ApplyPatch", """{"operation":{"type":"delete_file","path":"p","diff":"+x"}}""", """{"type":"delete_file","path":"p"}""")]
    [InlineData("ApplyPatch", """{"type":5,"path":"p"}""", """{"type":"update_file","path":"p","diff":""}""")]
    [InlineData("ApplyPatch", "*** Begin", """{"type":"update_file","path":"","diff":"*** Begin"}""")]
    [InlineData("ToolSearch", """{"query":"x"}""", """{"query":"x"}""")]
    [InlineData("ToolSearch", "", "{}")]
    [InlineData("ToolSearch", "words", "\"words\"")]
    public void Whatever_a_model_writes_the_client_gets_its_form(string kind, string arguments, string action)
    {
        var tool = Enum.Parse<ResponseToolKind>(kind);

        var once = Of(tool, arguments);

        once.Should().Be(action);
        Of(tool, once).Should().Be(once, "an action told again is the same");
    }

    [Fact]
    public void What_is_nested_too_deeply_for_another_document_stays_text()
    {
        var deep = "{\"a\":" + new string('[', 200) + new string(']', 200) + "}";

        JsonElement.Parse(Of(ResponseToolKind.ToolSearch, deep)).GetString().Should().Be(deep);
    }

    [Fact]
    public void Nothing_a_model_writes_breaks_it() => Seeded.Run(300, random =>
    {
        var tool = random.GetItems(Enum.GetValues<ResponseToolKind>(), 1)[0];
        JsonElement.Parse(Of(tool, RandomText.Valid(random)));
        JsonElement.Parse(Of(tool, RandomJson.Value(random)));
    });

    private static string Of(ResponseToolKind kind, string arguments) =>
        Encoding.UTF8.GetString(ClientActions.Of(kind, JsonEncodedText.Encode(arguments).EncodedUtf8Bytes).Span);
}
