using System.Collections.Immutable;
using System.Text;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>A POST door and a body in order for it, with every kind of member its readers know.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Template">JSON with <c>MODEL</c>, <c>PROMPT</c> and, where there is a choice, <c>STREAM</c>.</param>
internal sealed record Door(string Path, string Template)
{
    public static readonly ImmutableArray<Door> All =
    [
        new("/v1/chat/completions", """
            {"model":"MODEL","stream":STREAM,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"PROMPT"},{"type":"text","text":"Thank you."}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"read","arguments":"{\"path\":\"a\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"b"},{"role":"user","content":"PROMPT"}],
            "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}}],"tool_choice":"auto","parallel_tool_calls":true,
            "max_tokens":64,"temperature":0.5,"top_p":1,"n":1,"stop":["END"],"seed":7,"logprobs":false,"stream_options":{"include_usage":true},"response_format":{"type":"text"},"metadata":{"a":"b"},"user":"u","logit_bias":{"5":1},
            "x_meta_model":{"trace":true,"max_calls":9,"max_latency_ms":60000}}
            """),
        new("/v1/responses", """
            {"model":"MODEL","stream":STREAM,"instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text","text":"PROMPT"}]},{"type":"function_call","call_id":"call_1","name":"read","arguments":"{}"},
            {"type":"function_call_output","call_id":"call_1","output":"b"},{"type":"reasoning","id":"rs_1","summary":[]},{"role":"user","content":"PROMPT"}],
            "tools":[{"type":"function","name":"read","parameters":{"type":"object"}},{"type":"custom","name":"patch"}],"tool_choice":"auto","max_output_tokens":64,"temperature":0.5,"text":{"format":{"type":"text"}},"reasoning":{"effort":"low"},
            "store":true,"metadata":{"a":"b"},"include":["reasoning.encrypted_content"],"truncation":"auto","parallel_tool_calls":false}
            """),
        new("/v1/messages", """
            {"model":"MODEL","stream":STREAM,"max_tokens":64,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"PROMPT"}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"toolu_1","name":"read","input":{"path":"a"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"b"}]},{"type":"text","text":"PROMPT"}]}],
            "tools":[{"name":"read","description":"Reads.","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}}],"tool_choice":{"type":"auto"},"metadata":{"user_id":"u"},"stop_sequences":["END"],"temperature":0.5,"thinking":{"type":"disabled"}}
            """),
        new("/v1/completions", """{"model":"MODEL","stream":STREAM,"prompt":"PROMPT","suffix":"","max_tokens":64,"echo":false,"n":1,"best_of":1,"logprobs":null,"stop":"END","temperature":0.5,"stream_options":{"include_usage":true}}"""),
        new("/v1/embeddings", """{"model":"MODEL","input":["PROMPT","b"],"encoding_format":"float","dimensions":2,"user":"u"}"""),
        new("/v1/messages/count_tokens", """{"model":"MODEL","system":"Be brief.","messages":[{"role":"user","content":"PROMPT"}],"tools":[{"name":"read","input_schema":{"type":"object"}}]}"""),
        new("/v1/responses/input_tokens", """{"model":"MODEL","input":"PROMPT","instructions":"Be brief."}"""),
        new("/tokenize", """{"model":"MODEL","prompt":"PROMPT","add_special_tokens":true}"""),
    ];

    /// <summary>Names that answer: single upstreams of both protocols, and every kind of profile.</summary>
    public static readonly ImmutableArray<string> Models = ["a", "a", "cascade", "moa", "best", "jury", "claude"];

    /// <summary>The body in order.</summary>
    public byte[] Body(string model, bool stream, string word, long number) => Encoding.UTF8.GetBytes(Template
        .Replace("MODEL", model, StringComparison.Ordinal)
        .Replace("STREAM", stream ? "true" : "false", StringComparison.Ordinal)
        .Replace("PROMPT", UpstreamCall.Prompt(word, number), StringComparison.Ordinal));
}
