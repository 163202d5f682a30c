using System.Text;
using Spectre.Console;

namespace Synthwave.Commands.Live;

/// <summary>Takes text and shows its whole lines above the view, so that nothing tears the picture. Not thread-safe.</summary>
internal sealed class AboveViewWriter(IAnsiConsole console) : TextWriter
{
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value != '\n')
        {
            _line.Append(value);
            return;
        }

        console.Write(new Text(_line.ToString().TrimEnd('\r') + "\n"));
        _line.Clear();
    }
}
