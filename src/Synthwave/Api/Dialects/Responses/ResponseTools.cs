using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// The tools of one request: those it declares and those its items brought along (<c>tool_search_output</c>, <c>additional_tools</c>). What OpenAI's servers
/// would run is left out by its type's name.
/// </summary>
internal sealed class ResponseTools
{
    private readonly List<Declaration> _declared = [];
    private readonly Dictionary<(ResponseToolKind, string?, string), ResponseTool> _byName = [];
    private readonly Dictionary<string, ResponseTool> _byChatName = new(StringComparer.Ordinal);

    // Of tools in namespaces: the only one of its name; null = there are several.
    private readonly Dictionary<(ResponseToolKind, string), ResponseTool?> _bareNames = [];

    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);

    private ResponseTools()
    {
    }

    /// <summary>Reads the tools; a problem with those the request declares is told beside what could be read.</summary>
    public static (ResponseTools Tools, GatewayError? Error) Read(JsonElement root, IEnumerable<InputItem> items, IgnoredNames ignored)
    {
        var tools = new ResponseTools();
        var reader = new Reader(tools, ignored);
        var error = root.Has("tools"u8, out var declared) ? reader.ReadDeclared(declared) : null;
        foreach (var item in items)
        {
            reader.ReadBrought(item.Json);
        }

        tools.GiveNames(ignored);
        return (tools, error);
    }

    public IEnumerable<ResponseTool> All => _byChatName.Values;

    /// <summary>Whether a tool of this type was declared and left out.</summary>
    public bool HasLeftOut(string type) => _leftOut.Contains(type);

    /// <summary>The tool a chat model called; null = it made the name up.</summary>
    public ResponseTool? ByChatName(string name) => _byChatName.GetValueOrDefault(name);

    /// <summary>A tool by the client's name; without a namespace also the only one of that name in any. Null = none.</summary>
    public ResponseTool? Find(ResponseToolKind kind, string? space, string name)
    {
        if (_byName.TryGetValue((kind, space, name), out var found) || space is not null)
        {
            return found;
        }

        return _bareNames.TryGetValue((kind, name), out found) ? found : null;
    }

    /// <summary>What a chat model is told a tool of the conversation is called, declared or not.</summary>
    public string ChatNameOf(ResponseToolKind kind, string? space, string name) => Find(kind, space, name)?.ChatName ?? ToolNames.Flatten(space, name);

    /// <summary>Writes the functions for which <paramref name="isWanted"/> holds, as they were declared, into an array.</summary>
    public void Write(Utf8JsonWriter json, Func<ResponseTool, bool> isWanted)
    {
        json.WriteStartArray("tools"u8);
        foreach (var declaration in _declared)
        {
            if (declaration.Tool is { } tool && isWanted(tool))
            {
                ToolForms.Write(tool, declaration.Source, declaration.SpaceDescription, json);
            }
        }

        json.WriteEndArray();
    }

    // A function keeps the name it came with; whoever reads alike is marked.
    private void GiveNames(IgnoredNames ignored)
    {
        for (var rank = 0; rank <= 2; rank++)
        {
            foreach (var declaration in _declared)
            {
                var (kind, space, name) = (declaration.Kind, declaration.Space, declaration.Name);
                if (rank != (space is not null ? 2 : kind is ResponseToolKind.Function ? 0 : 1) || _byName.ContainsKey((kind, space, name)))
                {
                    continue;
                }

                var chatName = ToolNames.Flatten(space, name);
                chatName = _byChatName.ContainsKey(chatName) ? ToolNames.Marked(chatName, $"{kind} {space}", name) : chatName;
                var tool = new ResponseTool(kind, space, name) { ChatName = chatName };
                if (!_byChatName.TryAdd(chatName, tool))
                {
                    ignored.Add(name);
                    continue;
                }

                declaration.Tool = tool;
                _byName.Add((kind, space, name), tool);
                if (space is not null)
                {
                    _bareNames[(kind, name)] = _bareNames.ContainsKey((kind, name)) ? null : tool;
                }
            }
        }
    }

    private sealed record Declaration(ResponseToolKind Kind, string? Space, string Name, JsonElement Source, JsonElement SpaceDescription)
    {
        /// <summary>Null = the same tool was declared before.</summary>
        public ResponseTool? Tool { get; set; }
    }

    private sealed class Reader(ResponseTools tools, IgnoredNames ignored)
    {
        public GatewayError? ReadDeclared(JsonElement declared)
        {
            if (declared.ValueKind is not JsonValueKind.Array)
            {
                return GatewayError.BadRequest("invalid_tools", "tools must be an array of tools.", "tools");
            }

            var position = 0;
            foreach (var tool in declared.EnumerateArray())
            {
                if (ReadTool(tool, null, default) is var (member, rule))
                {
                    return GatewayError.BadRequest("invalid_tools", rule, $"tools[{position}]{member}");
                }

                position++;
            }

            return null;
        }

        // History comes again each turn: what is wrong with it is left out.
        public void ReadBrought(JsonElement item)
        {
            if ((item.Is("type"u8, "tool_search_output"u8) || item.Is("type"u8, "additional_tools"u8)) && item.Has("tools"u8, JsonValueKind.Array, out var brought))
            {
                foreach (var tool in brought.EnumerateArray())
                {
                    _ = ReadTool(tool, null, default);
                }
            }
        }

        /// <summary>Null = fine, otherwise the member at fault and what is asked of it.</summary>
        private (string Member, string Rule)? ReadTool(JsonElement tool, string? space, JsonElement spaceDescription)
        {
            if (tool.ValueKind is not JsonValueKind.Object)
            {
                return ("", "A tool must be an object.");
            }

            if (!tool.Has("type"u8, out var given) || !given.TryGetText(out var type))
            {
                return (".type", "A tool needs a type.");
            }

            switch (type)
            {
                case "function":
                    var function = tool.Has("function"u8, JsonValueKind.Object, out var nested) ? nested : tool;
                    return Add(ResponseToolKind.Function, function, tool);
                case "custom":
                    return Add(ResponseToolKind.Custom, tool.Has("custom"u8, JsonValueKind.Object, out nested) ? nested : tool, tool);
                case "namespace" when space is null:
                    return ReadSpace(tool);
                case "local_shell":
                    return AddOwn(ResponseToolKind.LocalShell);
                case "shell" when !RunsInContainer(tool):
                    return AddOwn(ResponseToolKind.Shell);
                case "apply_patch":
                    return AddOwn(ResponseToolKind.ApplyPatch);
                case "tool_search" when tool.Is("execution"u8, "client"u8):
                    return AddOwn(ResponseToolKind.ToolSearch);
                default:
                    tools._leftOut.Add(type);
                    ignored.Add(type);
                    return null;
            }

            (string, string)? Add(ResponseToolKind kind, JsonElement named, JsonElement source)
            {
                if (!named.Has("name"u8, JsonValueKind.String, out var name) || name.RawText().IsEmpty)
                {
                    return (".name", "A tool of this type needs a name.");
                }

                tools._declared.Add(new(kind, space, name.Text(), source, spaceDescription));
                return null;
            }

            (string, string)? AddOwn(ResponseToolKind kind)
            {
                tools._declared.Add(new(kind, null, type, tool, default));
                return null;
            }
        }

        private (string Member, string Rule)? ReadSpace(JsonElement space)
        {
            if (!space.Has("name"u8, JsonValueKind.String, out var name) || name.RawText().IsEmpty)
            {
                return (".name", "A namespace needs a name.");
            }

            if (!space.Has("tools"u8, JsonValueKind.Array, out var members))
            {
                return (".tools", "A namespace needs an array of tools.");
            }

            var description = space.Has("description"u8, JsonValueKind.String, out var told) ? told : default;
            var position = 0;
            foreach (var tool in members.EnumerateArray())
            {
                if (ReadTool(tool, name.Text(), description) is var (member, rule))
                {
                    return ($".tools[{position}]{member}", rule);
                }

                position++;
            }

            return null;
        }

        private static bool RunsInContainer(JsonElement shell) =>
            shell.Has("environment"u8, JsonValueKind.Object, out var environment) && !environment.Is("type"u8, "local"u8);
    }
}
