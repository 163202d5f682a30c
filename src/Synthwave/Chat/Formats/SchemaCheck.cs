using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Formats;

/// <summary>
/// Tells whether a value can be what a JSON Schema describes, by the keywords that structured outputs are made of: types, members, items, enumerations,
/// alternatives and references within the schema. Keywords it does not know, and what is beyond its bounds, count as met. For one value.
/// </summary>
internal sealed class SchemaCheck(JsonElement root)
{
    private const int MaxDepth = 64;

    private int _steps = 50_000;

    public bool Fits(JsonElement value) => Fits(value, root, 0);

    private bool Fits(JsonElement value, JsonElement schema, int depth)
    {
        if (schema.ValueKind is not JsonValueKind.Object || depth > MaxDepth || --_steps < 0)
        {
            return schema.ValueKind is not JsonValueKind.False;
        }

        if (schema.TryGet("$ref"u8, out var reference))
        {
            return Resolve(reference) is not { } target || Fits(value, target, depth + 1);
        }

        return HasType(value, schema)
            && IsListed(value, schema)
            && (value.ValueKind is not JsonValueKind.Object || HasMembers(value, schema, depth))
            && (value.ValueKind is not JsonValueKind.Array || HasItems(value, schema, depth))
            && MeetsAlternatives(value, schema, depth);
    }

    private static bool HasType(JsonElement value, JsonElement schema)
    {
        if (!schema.TryGet("type"u8, out var type))
        {
            return true;
        }

        return type.ValueKind is not JsonValueKind.Array ? IsType(value, type) : type.EnumerateArray().Any(one => IsType(value, one));
    }

    private static bool IsType(JsonElement value, JsonElement type) => value.ValueKind switch
    {
        JsonValueKind.Object => type.IsText("object"u8),
        JsonValueKind.Array => type.IsText("array"u8),
        JsonValueKind.String => type.IsText("string"u8),
        JsonValueKind.True or JsonValueKind.False => type.IsText("boolean"u8),
        JsonValueKind.Null => type.IsText("null"u8),
        _ => type.IsText("number"u8) || (type.IsText("integer"u8) && value.TryGetDouble(out var number) && Math.Truncate(number) == number),
    };

    private static bool IsListed(JsonElement value, JsonElement schema)
    {
        var hasConstant = schema.TryGet("const"u8, out var constant);
        var hasList = schema.Has("enum"u8, JsonValueKind.Array, out var list);
        if (!hasConstant && !hasList)
        {
            return true;
        }

        var canonical = Canonical(value);
        return (!hasConstant || Canonical(constant) == canonical) && (!hasList || list.EnumerateArray().Any(one => Canonical(one) == canonical));
    }

    private static string Canonical(JsonElement value) => CanonicalJson.Of(value, NumberForm.ByValue);

    private bool HasMembers(JsonElement value, JsonElement schema, int depth)
    {
        var names = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            names[member.NameText()] = member.Value;
        }

        if (schema.Has("required"u8, JsonValueKind.Array, out var required) && required.EnumerateArray().Any(r => !names.ContainsKey(r.Text())))
        {
            return false;
        }

        if (schema.Has("properties"u8, JsonValueKind.Object, out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (names.Remove(property.NameText(), out var given) && !Fits(given, property.Value, depth + 1))
                {
                    return false;
                }
            }
        }

        return schema.TryGet("patternProperties"u8, out _)
            || !schema.TryGet("additionalProperties"u8, out var others)
            || names.Values.All(given => Fits(given, others, depth + 1));
    }

    private bool HasItems(JsonElement value, JsonElement schema, int depth) =>
        schema.TryGet("prefixItems"u8, out _) || !schema.TryGet("items"u8, out var items) || value.EnumerateArray().All(item => Fits(item, items, depth + 1));

    private bool MeetsAlternatives(JsonElement value, JsonElement schema, int depth) =>
        (!schema.Has("anyOf"u8, JsonValueKind.Array, out var any) || any.EnumerateArray().Any(one => Fits(value, one, depth + 1)))
        && (!schema.Has("oneOf"u8, JsonValueKind.Array, out var some) || some.EnumerateArray().Any(one => Fits(value, one, depth + 1)))
        && (!schema.Has("allOf"u8, JsonValueKind.Array, out var all) || all.EnumerateArray().All(one => Fits(value, one, depth + 1)));

    // Null = it points out of the schema, or nowhere.
    private JsonElement? Resolve(JsonElement reference)
    {
        var path = reference.Text();
        if (path == "#")
        {
            return root;
        }

        if (!path.StartsWith("#/", StringComparison.Ordinal))
        {
            return null;
        }

        var target = root;
        foreach (var step in path[2..].Split('/'))
        {
            var name = Encoding.UTF8.GetBytes(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            if (!target.TryGet(name, out target))
            {
                return null;
            }
        }

        return target;
    }
}
