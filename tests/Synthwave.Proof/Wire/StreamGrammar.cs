using System.Text;
using System.Text.Json.Nodes;

namespace Synthwave.Proof.Wire;

/// <summary>An answer as an event stream of chunks.</summary>
internal static class StreamGrammar
{
    private const string Kind = "chat.completion.chunk";

    /// <summary>
    /// The stream, the length of its beginning that holds the whole answer and its finish, and a name. The length is null where that cannot be told without the stream's end.
    /// </summary>
    public static (string Text, int? Finished, string Name) Write(Random random, WireAnswer answer, string? failure)
    {
        var style = new WireStyle(random);
        var (deltas, calls) = Deltas(random, style, answer);
        var finish = failure ?? style.Finish(answer, mayBeMissing: true);
        var usage = failure is null ? (UsageStyle)random.Next(6) : UsageStyle.None;
        var chunks = deltas.Select(d => style.Frame(Kind, Choice(random, d))).ToList();
        var finished = -1;
        if (finish is not null)
        {
            finished = Finish(random, style, answer, chunks, finish, failure);
            if (usage is UsageStyle.OnFinish or UsageStyle.Twice)
            {
                chunks[finished]["usage"] = style.Usage();
            }
        }

        if (usage is UsageStyle.Cumulative)
        {
            chunks.ForEach(c => c["usage"] = style.Usage());
        }

        if (usage is UsageStyle.InChoice)
        {
            chunks[^1]["choices"]![0]!["usage"] = style.Usage();
        }

        if (usage is UsageStyle.Proper or UsageStyle.Twice)
        {
            var last = style.Frame(Kind);
            last["usage"] = style.Usage();
            chunks.Add(last);
        }

        // Annotations of a filter: before the answer without a choice, and within it a choice without a delta.
        if (random.Next(10) == 0)
        {
            var first = style.Frame(Kind);
            first["prompt_filter_results"] = new JsonArray();
            chunks.Insert(0, first);
            finished += finished < 0 ? 0 : 1;
        }

        if (random.Next(10) == 0 && finished > 0)
        {
            chunks.Insert(1, style.Frame(Kind, new JsonObject { ["index"] = 0, ["content_filter_offsets"] = new JsonObject { ["check_offset"] = 1 }, ["finish_reason"] = null }));
            finished++;
        }

        var (text, mark) = Events(random, chunks, finished);
        return (text, mark, $"stream, role {style.Role}, parts {style.HasParts}, thought {style.Thought}, finish {finish ?? "missing"}, usage {usage}, calls {calls}");
    }

    /// <summary>Cuts a text into up to <paramref name="most"/> pieces, never within a surrogate pair.</summary>
    public static IEnumerable<string> Pieces(Random random, string text, int most)
    {
        var cuts = Enumerable.Range(0, random.Next(most)).Select(_ => random.Next(text.Length + 1)).Where(c => c == text.Length || !char.IsLowSurrogate(text[c])).Append(0).Append(text.Length).Distinct().Order().ToArray();
        return cuts.Zip(cuts.Skip(1), (from, to) => text[from..to]);
    }

    private static (List<JsonObject> Deltas, string Calls) Deltas(Random random, WireStyle style, WireAnswer answer)
    {
        List<JsonObject> deltas = [];
        var thought = answer.Reasoning;
        var text = answer.Text;
        if (thought.Length > 0 && style.Thought is ThoughtStyle.Tags)
        {
            text = $"<think>{thought}</think>\n\n{text}";
        }
        else
        {
            deltas.AddRange(Pieces(random, thought, 4).Select(p => Thought(style, p)));
        }

        deltas.AddRange(Pieces(random, text, 8).Select(p => new JsonObject { ["content"] = style.Content(p) }));
        var (calls, way) = CallDeltas.Draw(random, answer);
        deltas.AddRange(calls.Select(c => new JsonObject { ["tool_calls"] = c }));
        if (deltas.Count == 0)
        {
            deltas.Add(new JsonObject { ["content"] = "" });
        }

        if (style.Role is RoleStyle.First && random.Next(2) == 0)
        {
            deltas.Insert(0, new JsonObject { ["role"] = "assistant", ["content"] = "" });
        }
        else if (style.Role is not RoleStyle.Missing)
        {
            foreach (var delta in style.Role is RoleStyle.First ? deltas.Take(1) : deltas)
            {
                delta["role"] = style.Role switch { RoleStyle.Empty => "", RoleStyle.Null => null, _ => "assistant" };
            }
        }

        return (deltas, answer.Calls.IsEmpty ? "none" : way);
    }

    private static JsonObject Thought(WireStyle style, string piece) => style.Thought switch
    {
        ThoughtStyle.Parts => new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "thinking", ["thinking"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = piece }) }) },
        ThoughtStyle.Reasoning => new JsonObject { ["reasoning"] = piece },
        _ => new JsonObject { ["reasoning_content"] = piece },
    };

    private static JsonObject Choice(Random random, JsonObject delta)
    {
        var choice = new JsonObject { ["index"] = 0, ["delta"] = delta };
        if (random.Next(2) == 0)
        {
            choice["finish_reason"] = random.Next(3) == 0 ? "" : null;
        }

        return choice;
    }

    // Where the finish stands: on a chunk of its own, on the last delta, or before the arguments are over.
    private static int Finish(Random random, WireStyle style, WireAnswer answer, List<JsonObject> chunks, string finish, string? failure)
    {
        var place = random.Next(8);
        if (place == 0 && failure is null)
        {
            chunks[^1]["choices"]![0]!["finish_reason"] = finish;
            return chunks.Count - 1;
        }

        var chunk = style.Frame(Kind, new JsonObject { ["index"] = 0, ["delta"] = new JsonObject(), ["finish_reason"] = finish });
        if (place == 1 && answer.Calls.Length > 0 && failure is null)
        {
            chunks.Insert(chunks.Count - 1, chunk);
            return chunks.Count - 1;
        }

        chunks.Add(chunk);
        return chunks.Count - 1;
    }

    private static (string Text, int? Mark) Events(Random random, List<JsonObject> chunks, int finished)
    {
        var line = random.Next(6) switch { 0 => "\r\n", 1 => "\r", _ => "\n" };
        var head = random.Next(6) == 0 ? "data:" : "data: ";
        var text = new StringBuilder(random.Next(20) == 0 ? "\ufeff" : "");
        int? mark = null;
        foreach (var (number, chunk) in chunks.Index())
        {
            if (random.Next(15) == 0)
            {
                text.Append(": keep-alive").Append(line).Append(line);
            }

            if (random.Next(15) == 0)
            {
                text.Append("event: message").Append(line);
            }

            text.Append(head).Append(WireStyle.Text(chunk));
            mark = number >= finished && mark is null && finished >= 0 ? text.Length : mark;
            text.Append(line).Append(line);
        }

        switch (random.Next(finished < 0 ? 2 : 4))
        {
            case 0:
                text.Append("data: [DONE]").Append(line).Append(line);
                break;
            case 1:
                text.Append("data: [DONE]").Append(random.Next(2) == 0 ? " " : "");
                break;
            case 2:
                text.Length -= line.Length * random.Next(3);
                break;
            default:
                break;
        }

        return (text.ToString(), mark);
    }

    private enum UsageStyle { None, Proper, OnFinish, Twice, Cumulative, InChoice }
}
