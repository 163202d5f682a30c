namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Tools of Anthropic's that the client runs itself and declares by a dated type alone: what the API tells its models of them, for models that have never
/// heard of them. A date that is not known here is taken for the newest.
/// </summary>
/// <remarks>https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview.</remarks>
internal static class ClientTools
{
    private const string Editing = "\"path\":{\"type\":\"string\",\"description\":\"Absolute path to the file or directory.\"},"
        + "\"file_text\":{\"type\":\"string\",\"description\":\"For create: the whole content of the file.\"},"
        + "\"old_str\":{\"type\":\"string\",\"description\":\"For str_replace: the text to replace. It must occur exactly once.\"},"
        + "\"new_str\":{\"type\":\"string\",\"description\":\"For str_replace: what takes its place.\"},"
        + "\"insert_line\":{\"type\":\"integer\",\"description\":\"For insert: the line after which the text goes, 0 for the beginning.\"},"
        + "\"view_range\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"description\":\"For view: first and last line, -1 for the end of the file.\"}";

    private const string InsertText = "\"insert_text\":{\"type\":\"string\",\"description\":\"For insert: the text.\"}";

    private static readonly ClientTool Bash = new(
        "Runs a command in a bash shell that lives as long as the conversation and keeps its state. Its output is what the command wrote.",
        """{"type":"object","properties":{"command":{"type":"string","description":"The command to run. Not needed with restart."},"restart":{"type":"boolean","description":"true restarts the shell."}}}""");

    private static readonly ClientTool Editor = new(
        "Views, creates and edits text files.",
        $$$"""{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"],"description":"What to do."},{{{Editing}}},{{{InsertText}}}},"required":["command","path"]}""");

    private static readonly ClientTool OldEditor = new(
        "Views, creates and edits text files. The last edit of a file can be undone.",
        $$$"""{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","undo_edit"],"description":"What to do. insert takes its text from new_str."},{{{Editing}}}},"required":["command","path"]}""");

    private static readonly ClientTool Memory = new(
        "Keeps notes in files below /memories that outlive the conversation. View the directory before a task, and write down what will be needed later.",
        $$$"""{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"],"description":"What to do."},{{{Editing}}},{{{InsertText}}},"old_path":{"type":"string","description":"For rename: the path as it is."},"new_path":{"type":"string","description":"For rename: the path as it shall be."}},"required":["command"]}""");

    private static readonly ClientTool Computer = new(
        "Uses the mouse and the keyboard of a computer and takes screenshots of its screen. Coordinates are pixels from the upper left corner of the screenshot.",
        """{"type":"object","properties":{"action":{"type":"string","enum":["key","hold_key","type","cursor_position","mouse_move","left_mouse_down","left_mouse_up","left_click","left_click_drag","right_click","middle_click","double_click","triple_click","scroll","wait","screenshot","zoom"],"description":"What to do."},"coordinate":{"type":"array","items":{"type":"integer"},"description":"x and y of where the action takes place."},"start_coordinate":{"type":"array","items":{"type":"integer"},"description":"x and y of where a drag begins."},"text":{"type":"string","description":"For type the text, for key and hold_key the keys, for clicks and scroll a key that is held."},"duration":{"type":"number","description":"Seconds, for hold_key and wait."},"scroll_direction":{"type":"string","enum":["up","down","left","right"]},"scroll_amount":{"type":"integer","description":"Clicks of the wheel."},"region":{"type":"array","items":{"type":"integer"},"description":"For zoom: x and y of two corners."}},"required":["action"]}""");

    /// <summary>Null = no such tool.</summary>
    /// <param name="type">As declared, such as <c>bash_20250124</c>.</param>
    public static ClientTool? Find(string type)
    {
        var at = type.LastIndexOf('_');
        return at < 0 || !IsDate(type.AsSpan(at + 1))
            ? null
            : type.AsSpan(0, at) switch
            {
                "bash" => Bash,
                "text_editor" => string.CompareOrdinal(type, "text_editor_20250429") < 0 ? OldEditor : Editor,
                "memory" => Memory,
                "computer" => Computer,
                _ => null,
            };
    }

    private static bool IsDate(ReadOnlySpan<char> text) => text.Length == 8 && text.IndexOfAnyExceptInRange('0', '9') < 0;
}

/// <summary>What a model must know of a tool to call it.</summary>
/// <param name="Description">For the model.</param>
/// <param name="Schema">Of its input, JSON.</param>
internal sealed record ClientTool(string Description, string Schema);
