using System.Globalization;
using Spectre.Console;

namespace Synthwave.Commands.Live;

/// <summary>The process's standard output as a console, and whether a picture can be drawn on it.</summary>
internal static class Terminal
{
    /// <summary>Narrower ones get plain lines.</summary>
    public const int Narrowest = 60;

    private const int WidthOfPlainLines = 120;

    /// <summary>Why no view can be drawn, as a clause; null = it can.</summary>
    /// <param name="isRedirected">Standard output goes elsewhere.</param>
    /// <param name="width">Of the terminal, cells; 0 = it does not know.</param>
    /// <param name="environment">Reads a variable; null or empty = not set.</param>
    public static string? Obstacle(bool isRedirected, int width, Func<string, string?> environment) =>
        isRedirected ? "standard output is no terminal"
        : environment("TERM") == "dumb" ? "the terminal can only write lines (TERM is dumb)"
        : width <= 0 ? "the terminal does not say how wide it is"
        : width < Narrowest ? string.Create(CultureInfo.InvariantCulture, $"the terminal has {width} columns, and the view needs {Narrowest}")
        : null;

    /// <summary>The same for this process.</summary>
    public static string? Obstacle(Func<string, string?> environment) =>
        Obstacle(Console.IsOutputRedirected, Console.IsOutputRedirected ? 0 : Console.WindowWidth, environment);

    /// <summary>A console over standard output that the view is drawn on, in colour unless <c>NO_COLOR</c> is set.</summary>
    /// <param name="environment">Reads a variable; null or empty = not set.</param>
    public static IAnsiConsole Drawn(Func<string, string?> environment) =>
        Over(Console.Out, isDrawn: true, hasColour: string.IsNullOrEmpty(environment("NO_COLOR")));

    /// <summary>The one of both that fits.</summary>
    public static IAnsiConsole Open(Func<string, string?> environment) => Obstacle(environment) is null ? Drawn(environment) : Plain();

    /// <summary>A console over standard output for plain lines.</summary>
    public static IAnsiConsole Plain()
    {
        var console = Over(Console.Out, isDrawn: false);

        // What is no terminal has no width of its own.
        console.Profile.Width = WidthOfPlainLines;
        return console;
    }

    /// <summary>A console over any writer.</summary>
    /// <param name="output">Takes the text.</param>
    /// <param name="isDrawn">Whether the cursor may be moved.</param>
    /// <param name="hasColour">Whether what is drawn has colours.</param>
    public static IAnsiConsole Over(TextWriter output, bool isDrawn, bool hasColour = true) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = isDrawn ? AnsiSupport.Yes : AnsiSupport.No,
        ColorSystem = isDrawn && hasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = isDrawn ? InteractionSupport.Yes : InteractionSupport.No,
        Out = new AnsiConsoleOutput(output),
    });
}
