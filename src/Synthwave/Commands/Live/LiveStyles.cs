using Spectre.Console;

namespace Synthwave.Commands.Live;

/// <summary>The view's colours: few, and none carries a meaning that no word carries too.</summary>
internal static class LiveStyles
{
    public static Style Plain { get; } = new();

    public static Style Strong { get; } = new(decoration: Decoration.Bold);

    public static Style Dim { get; } = new(decoration: Decoration.Dim);

    public static Style Good { get; } = new(Color.Green);

    public static Style Doubtful { get; } = new(Color.Yellow);

    public static Style Bad { get; } = new(Color.Red);

    public static Style Working { get; } = new(Color.Aqua);

    /// <summary>Of a request or a call by its outcome.</summary>
    public static Style Of(string outcome) => outcome switch
    {
        "running" => Working,
        "success" => Good,
        "failed" => Bad,
        _ => Doubtful,
    };
}
