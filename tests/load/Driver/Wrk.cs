using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Synthwave.Load.Driver;

/// <summary>One wrk run: a closed loop of POSTs over a number of connections. Latencies are those wrk saw, in milliseconds.</summary>
internal sealed record WrkResult(long Requests, TimeSpan Elapsed, double P50, double P99, long Errors)
{
    public double PerSecond => Requests / Elapsed.TotalSeconds;
}

/// <summary>The client of the throughput measurements.</summary>
internal sealed class Wrk(string scratch, string token)
{
    private const string Marker = "RESULT ";
    private const int Interrupt = 2;

    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(20);

    private readonly string _script = WriteScript(scratch);

    /// <summary>One run of that length, which may be less than a second.</summary>
    public async Task<WrkResult> RunAsync(Uri url, string bodyFile, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        // wrk counts in whole seconds; when it is interrupted, it says what it has.
        var seconds = Math.Ceiling(duration.TotalSeconds);
        var early = seconds > duration.TotalSeconds;
        string[] arguments =
            ["-t1", $"-c{connections}", string.Create(CultureInfo.InvariantCulture, $"-d{seconds + (early ? 1 : 0):0}s"), "--timeout", "10s", "-s", _script, url.AbsoluteUri];
        var start = new ProcessStartInfo("wrk", arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["LOAD_BODY"] = bodyFile;
        start.Environment["LOAD_TOKEN"] = token;

        using var process = Process.Start(start) ?? throw new MeasurementException("wrk did not start");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(duration + Slack);
        try
        {
            if (early)
            {
                await Task.Delay(duration, limit.Token);
                _ = kill(process.Id, Interrupt);
            }

            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return Parse(output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [DllImport("libc")]
    private static extern int kill(int processId, int signal);

    private static WrkResult Parse(string output)
    {
        var line = output.Split('\n').FirstOrDefault(text => text.StartsWith(Marker, StringComparison.Ordinal))
            ?? throw new MeasurementException($"wrk gave no result:{Environment.NewLine}{output}");
        var numbers = line[Marker.Length..].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return numbers is [var requests, var micros, var p50, var p99, var errors] && requests > 0
            ? new WrkResult((long)requests, TimeSpan.FromMicroseconds(micros), p50 / 1000, p99 / 1000, (long)errors)
            : throw new MeasurementException($"wrk finished without an answer: {line}");
    }

    private static string WriteScript(string scratch)
    {
        var file = Path.Combine(scratch, "post.lua");
        File.WriteAllText(file, $$"""
            local body = assert(io.open(os.getenv("LOAD_BODY"), "rb"))
            wrk.method = "POST"
            wrk.body = body:read("*a")
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer " .. os.getenv("LOAD_TOKEN")
            body:close()

            function done(summary, latency, requests)
              local e = summary.errors
              io.write(string.format("{{Marker}}%d %d %d %d %d\n", summary.requests, summary.duration,
                latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
            end
            """);
        return file;
    }
}
