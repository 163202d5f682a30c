using System.Globalization;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Connections;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>How upstreams are connected to: what the sockets are told, and which proxy they go through.</summary>
public sealed class ConnectionTests
{
    private const string Completion = """{"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""";

    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silent_connection_is_kept_alive_by_the_system(bool throughProxy)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string? timer = null;
        await using var server = new RawUpstream(async call =>
        {
            timer = KeepAliveTimer(call.Port);
            await call.SendAsync(Whole());
        });
        using var bench = throughProxy
            ? new UpstreamBench("http://upstream.test/v1", c => c with { Proxy = server.Origin })
            : new UpstreamBench(server.BaseUrl);

        (await bench.CallAsync()).Should().BeOfType<CompleteUpstreamReply>();

        // Kind 02 is the kernel's keep-alive timer; what follows is when it ends, in hundredths of a second.
        timer.Should().StartWith("02:");
        int.Parse(timer!.AsSpan(3), NumberStyles.HexNumber, CultureInfo.InvariantCulture).Should().BeInRange(100, UpstreamSocket.KeepAliveTime * 100);
    }

    [Theory]
    [InlineData("HTTP_PROXY", null)]
    [InlineData("http_proxy", "other.test")]
    [InlineData("all_proxy", "127.0.0.1")]
    public async Task Proxy_of_the_environment_is_asked(string variable, string? exceptions)
    {
        var heads = new List<string>();
        await using var proxy = new RawUpstream(call =>
        {
            heads.Add(call.Head);
            return call.SendAsync(Whole());
        });
        using var bench = new UpstreamBench(
            "http://upstream.test/v1", context: Context((variable, proxy.Origin.Replace("http://", "http://me:se%40cret@", StringComparison.Ordinal)), ("NO_PROXY", exceptions)));

        (await bench.CallAsync()).Should().BeOfType<CompleteUpstreamReply>();

        heads.Should().ContainSingle().Which.Should().StartWith("POST http://upstream.test/v1/chat/completions HTTP/1.1\r\n");
    }

    [Theory]
    [InlineData("*")]
    [InlineData("127.0.0.0/8")]
    [InlineData("10.0.0.0/8, 127.0.0.1")]
    public async Task What_the_environment_excepts_is_asked_directly(string exceptions)
    {
        await using var upstream = RawUpstream.Sending(Whole());
        await using var proxy = RawUpstream.Sending("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
        using var bench = new UpstreamBench(upstream.BaseUrl, context: Context(("http_proxy", proxy.Origin), ("no_proxy", exceptions)));

        (await bench.CallAsync()).Should().BeOfType<CompleteUpstreamReply>();
        proxy.Connections.Should().Be(0);
    }

    [Fact]
    public async Task The_environments_proxy_learns_who_asks_when_it_wants_to_know()
    {
        var answers = new Queue<string>(["HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n", Whole()]);
        var last = "";
        await using var proxy = new RawUpstream(call =>
        {
            last = call.Head;
            return call.SendAsync(answers.Dequeue());
        });
        using var bench = new UpstreamBench(
            "http://upstream.test/v1", context: Context(("http_proxy", proxy.Origin.Replace("http://", "http://me:se%40cret@", StringComparison.Ordinal))));

        (await bench.CallAsync()).Should().BeOfType<CompleteUpstreamReply>();
        last.Should().Contain("Proxy-Authorization: Basic " + Convert.ToBase64String("me:se@cret"u8));
    }

    private static string Whole() => string.Create(CultureInfo.InvariantCulture, $"{Answer}{Completion.Length}\r\n\r\n{Completion}");

    private static UpstreamContext Context(params (string Name, string? Value)[] environment) =>
        new() { Environment = name => Array.Find(environment, v => v.Name == name).Value };

    // The connecting side of a connection to a port of this machine, as the kernel lists it: remote address, state 01 (established), then queues and timer.
    private static string? KeepAliveTimer(int port)
    {
        var remote = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return (from file in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
                from line in File.ReadLines(file).Skip(1)
                let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                where fields[2].EndsWith(remote, StringComparison.Ordinal) && fields[3] == "01"
                select fields[5]).FirstOrDefault();
    }
}
