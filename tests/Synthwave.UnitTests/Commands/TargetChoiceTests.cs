using Synthwave.Commands;

namespace Synthwave.UnitTests.Commands;

public class TargetChoiceTests
{
    [Fact]
    public void A_file_that_was_named_and_is_not_there_is_no_reason_to_ask_another_gateway()
    {
        var named = TargetChoice.Find(null, null, "no-such.toml", static _ => null);
        var byVariable = TargetChoice.Find(null, null, null, static name => name == "META_MODEL_CONFIG" ? "no-such.toml" : null);

        named.Target.Should().BeNull();
        named.Problem.Should().StartWith("no-such.toml --config: the file does not exist");
        byVariable.Problem.Should().StartWith("no-such.toml META_MODEL_CONFIG: the file does not exist");
    }

    [Fact]
    public void Where_no_file_is_named_the_usual_address_is_asked() =>
        TargetChoice.Find(null, null, null, static _ => null).Target!.Url.Should().Be(new Uri("http://127.0.0.1:8400"));
}
