using System.CommandLine;

namespace Synthwave.Commands;

/// <summary>The options of a verb that listens, or foresees what listening would come to.</summary>
internal sealed class ListenOptions
{
    private readonly Option<string?> _host = new("--host") { Description = "Address to listen on; beats the file." };
    private readonly Option<int?> _port = PortOption.Of(new Option<int?>("--port") { Description = "Port to listen on; beats the file." }, min: 0);
    private readonly Option<string?> _urls = new("--urls") { Description = "Addresses to listen on, separated by ';'. Not together with --host or --port." };

    public void AddTo(Command command)
    {
        command.Add(_host);
        command.Add(_port);
        command.Add(_urls);
    }

    public ListenArguments Of(ParseResult parsed) => new(parsed.GetValue(_host), parsed.GetValue(_port), parsed.GetValue(_urls));
}
