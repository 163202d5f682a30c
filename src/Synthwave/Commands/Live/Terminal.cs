using Spectre.Console;

namespace Synthwave.Commands.Live;

/// <summary>The process's standard output as a console, and whether a picture can be drawn on it.</summary>
internal static class Terminal
{
    /// <summary>Narrower ones get plain lines.</summary>
    public const int Narrowest = 60;

    private const int WidthOfPlainLines = 120;

    /// <summary>Whether the view can be drawn: standard output is a terminal that is wide enough, and nobody asked for plain text.</summary>
    /// <param name="isRedirected">Standard output goes elsewhere.</param>
    /// <param name="width">Of the terminal, cells.</param>
    /// <param name="environment">Reads a variable; null or empty = not set.</param>
    public static bool CanDraw(bool isRedirected, int width, Func<string, string?> environment) =>
        !isRedirected && width >= Narrowest && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb";

    /// <summary>The same for this process.</summary>
    public static bool CanDraw(Func<string, string?> environment) =>
        !Console.IsOutputRedirected && CanDraw(isRedirected: false, Console.WindowWidth, environment);

    /// <summary>A console over standard output.</summary>
    /// <param name="isDrawn">False = plain lines only.</param>
    public static IAnsiConsole Open(bool isDrawn)
    {
        var console = Over(Console.Out, isDrawn);
        if (!isDrawn)
        {
            // What is no terminal has no width of its own.
            console.Profile.Width = WidthOfPlainLines;
        }

        return console;
    }

    /// <summary>A console over any writer.</summary>
    public static IAnsiConsole Over(TextWriter output, bool isDrawn) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = isDrawn ? AnsiSupport.Yes : AnsiSupport.No,
        ColorSystem = isDrawn ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = isDrawn ? InteractionSupport.Yes : InteractionSupport.No,
        Out = new AnsiConsoleOutput(output),
    });
}
