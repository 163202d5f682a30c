using System.Collections.Immutable;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>What a fault is called in reports, and what a client is told where nobody else can answer.</summary>
internal sealed record Verdict(int Status, string? Code, string Reason);

/// <summary>One way in which an upstream fails before its first content, and what must come of it for a buffered and a streamed call.</summary>
internal sealed record FaultCase(string Name, SimulatedFault? Fault, Verdict Buffered, Verdict Streamed)
{
    private static readonly Verdict Unreachable = new(502, "upstream_error", "transport");
    private static readonly Verdict TimedOut = new(504, "upstream_timeout", "timeout");
    private static readonly Verdict NotJson = new(502, "upstream_protocol_error", "non_json");
    private static readonly Verdict TooLarge = new(502, "upstream_protocol_error", "too_large");
    private static readonly Verdict Blank = new(200, null, "blank");

    public static ImmutableArray<FaultCase> All { get; } =
    [
        new("refused_connection", null, Unreachable, Unreachable),
        new("closed_before_answer", new(SimulatedFaultKind.Refuse), Unreachable, Unreachable),
        new("server_error_in_openai_shape", new(SimulatedFaultKind.Status) { Status = 500 }, new(500, "simulated_fault", "non_2xx"), new(500, "simulated_fault", "non_2xx")),
        new("server_error_in_plain_text", new(SimulatedFaultKind.Status) { Status = 503, Body = "out to lunch at http://10.0.0.7" },
            new(503, "upstream_error", "non_2xx"), new(503, "upstream_error", "non_2xx")),
        new("rate_limit", new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 7 }, new(429, "simulated_fault", "non_2xx"), new(429, "simulated_fault", "non_2xx")),
        new("refused_key", new(SimulatedFaultKind.Status) { Status = 401 }, new(502, "upstream_auth_failed", "non_2xx"), new(502, "upstream_auth_failed", "non_2xx")),
        new("redirect", new(SimulatedFaultKind.Redirect), new(502, "upstream_error", "non_2xx"), new(502, "upstream_error", "non_2xx")),
        new("stall_before_head", new(SimulatedFaultKind.Stall), TimedOut, TimedOut) { Clock = Clock.FirstByte },
        new("stall_after_head", new(SimulatedFaultKind.Stall) { AfterTokens = 0 }, TimedOut, TimedOut) { Clock = Clock.Idle },
        new("trickle", new(SimulatedFaultKind.Trickle) { Interval = TimeSpan.FromMilliseconds(20) }, TimedOut, TimedOut) { Clock = Clock.Total },
        new("reset", new(SimulatedFaultKind.Reset), Unreachable, Unreachable),
        new("huge", new(SimulatedFaultKind.Huge), TooLarge, TooLarge),
        new("broken_json", new(SimulatedFaultKind.BadJson), NotJson, NotJson),
        new("broken_event_stream", new(SimulatedFaultKind.BadSse), NotJson, Unreachable),
        new("web_page", new(SimulatedFaultKind.WrongType), NotJson, NotJson),
        new("broken_utf8", new(SimulatedFaultKind.InvalidUtf8), NotJson, NotJson),
        new("early_close", new(SimulatedFaultKind.EarlyClose), NotJson, Unreachable),
        new("no_body", new(SimulatedFaultKind.EmptyBody), NotJson, Unreachable),
        new("no_content", new(SimulatedFaultKind.Empty), Blank, Blank),
    ];

    /// <summary>The clock that ends it.</summary>
    public Clock Clock { get; private init; }

    /// <summary>Faults that last until a clock runs out, for a buffered or streamed call.</summary>
    public bool IsSlow => Clock is not Clock.None;

    /// <summary>Name and stream flag of every cell, for theories.</summary>
    public static TheoryData<string, bool> Cells
    {
        get
        {
            var cells = new TheoryData<string, bool>();
            foreach (var fault in All)
            {
                cells.Add(fault.Name, false);
                cells.Add(fault.Name, true);
            }

            return cells;
        }
    }

    public static FaultCase Named(string name) => All.Single(f => f.Name == name);

    public Verdict For(bool stream) => stream ? Streamed : Buffered;

    /// <summary>Whether only the request's own deadline ends the call: the idle clock runs between the bytes of streams only.</summary>
    public bool NeedsDeadline(bool stream) => Clock is Clock.Total || (Clock is Clock.Idle && !stream);

    /// <summary>The setup in which <paramref name="upstream"/> has this fault. Its other clocks are short, so that only the right one can be meant.</summary>
    public BadDaySetup On(string upstream, string deadUrl) => new()
    {
        Models = Fault is null ? [] : [BadDay.Model(upstream, Fault)],
        BaseUrls = Fault is null ? ImmutableDictionary<string, string>.Empty.Add(upstream, deadUrl) : ImmutableDictionary<string, string>.Empty,
        Server = "max_reply_mb = 1",
        Upstreams = ImmutableDictionary<string, string>.Empty.Add(upstream, Clock switch
        {
            Clock.FirstByte => "retries = 0\nfirst_byte_timeout_secs = 0.2",
            Clock.Idle => "retries = 0\nidle_timeout_secs = 0.2",
            _ => "retries = 0",
        }),
    };
}

/// <summary>Which of an upstream's clocks a fault runs into.</summary>
internal enum Clock
{
    None,
    FirstByte,
    Idle,
    Total,
}
