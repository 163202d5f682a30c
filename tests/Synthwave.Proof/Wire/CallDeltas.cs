using System.Text.Json.Nodes;

namespace Synthwave.Proof.Wire;

/// <summary>Tool calls as deltas, in the ways servers number, name and split them.</summary>
internal static class CallDeltas
{
    /// <summary>One array of <c>tool_calls</c> for each delta, and the way's name.</summary>
    public static (List<JsonArray> Deltas, string Name) Draw(Random random, WireAnswer answer)
    {
        var way = random.Next(2) == 0 ? Way.Proper : (Way)random.Next((int)Way.Count);
        var deltas = new List<JsonArray>();
        foreach (var (number, call) in answer.Calls.Index())
        {
            var id = way switch { Way.NoIds => null, Way.SameId => "call_1", _ => call.Id };
            var index = way switch { Way.AlwaysZero or Way.NoIds or Way.TailCountsOn => 0, Way.NoIndex => (int?)null, Way.FromOne => number + 1, _ => number };
            if (way is Way.NoIds or Way.WholeCalls)
            {
                deltas.Add([Call(index, id, call.Name, call.Arguments, typed: true)]);
                continue;
            }

            deltas.Add([Call(index, id, call.Name, "", typed: true)]);
            foreach (var piece in StreamGrammar.Pieces(random, call.Arguments, 4))
            {
                deltas.Add(way switch
                {
                    Way.Repeated => [Call(index, id, call.Name, piece, typed: true)],
                    Way.Nulls => [Call(index, null, null, piece, typed: false, nulls: true)],
                    Way.TailCountsOn => [Call(number, null, null, piece, typed: false)],
                    _ => [Call(index, null, null, piece, typed: false)],
                });
            }
        }

        return (deltas, way.ToString());
    }

    private static JsonObject Call(int? index, string? id, string? name, string arguments, bool typed, bool nulls = false)
    {
        var function = new JsonObject { ["arguments"] = arguments };
        var call = new JsonObject { ["function"] = function };
        Add(call, "index", index);
        Add(call, "id", id, nulls);
        Add(call, "type", typed ? "function" : null, nulls);
        Add(function, "name", name, nulls);
        return call;
    }

    private static void Add(JsonObject node, string name, JsonNode? value, bool nulls = false)
    {
        if (value is not null || nulls)
        {
            node[name] = value;
        }
    }

    private enum Way { Proper, WholeCalls, AlwaysZero, NoIndex, FromOne, TailCountsOn, NoIds, SameId, Repeated, Nulls, Count }
}
