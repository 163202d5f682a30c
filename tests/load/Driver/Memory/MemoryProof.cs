using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Synthwave.Load.Driver.Memory;

/// <summary>Reads a gateway's resident memory before, during and a quiet minute after what asks for much of it.</summary>
internal sealed class MemoryProof(MemoryOptions options)
{
    private const long Megabyte = 1024 * 1024;
    private const int Bodies = 16;
    private const long BodyBytes = 60 * Megabyte;
    private const long StreamBytes = 300 * Megabyte;
    private const int DeltaBytes = 1024;

    private const double MostPerBody = 2.5;
    private const long MostLeft = 60 * Megabyte;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public async Task<bool> ExecuteAsync(CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("synthwave-memory-").FullName;
        try
        {
            return await MeasureAsync(scratch, cancellationToken);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task<bool> MeasureAsync(string scratch, CancellationToken cancellationToken)
    {
        using var client = Loopback.NewClient();
        if (Loopback.FreePorts(2) is not [var upstreamPort, var port])
        {
            throw new InvalidOperationException("two ports were asked for");
        }

        await using var upstream = new LongUpstream(upstreamPort, StreamBytes, DeltaBytes);
        var file = Path.Combine(scratch, "meta-model.toml");
        await File.WriteAllTextAsync(file, GatewayText(Loopback.Url(upstreamPort)), cancellationToken);
        var program = GatewayBuild.SharedSettings(options.Directory) is null ? [Path.Combine(options.Directory, "synthwave")] : (string[])["dotnet", Path.Combine(options.Directory, "synthwave.dll")];
        await using var gateway = ChildProcess.Start("gateway", [.. program, "serve", "--config", file, "--port", port.ToString(CultureInfo.InvariantCulture)], scratch, logs: null);
        var url = Loopback.Url(port);
        await Readiness.WaitAsync(client, gateway, new Uri(url, "healthz"), TimeSpan.FromMilliseconds(200), cancellationToken);
        await AskAsync(client, url, Body(100), cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(15), cancellationToken);
        var start = gateway.Read().Rss;
        Console.WriteLine($"at the start, after a small request:        {Format.Megabytes(start)} MB");

        var body = Body(BodyBytes);
        var most = await PeakAsync(gateway, () => Task.WhenAll(Enumerable.Range(0, Bodies).Select(_ => AskAsync(client, url, body, cancellationToken))), cancellationToken);
        var isBounded = most <= MostPerBody * Bodies * BodyBytes;
        Console.WriteLine($"most while {Bodies} bodies of {BodyBytes / Megabyte} MB went through:  {Format.Megabytes(most)} MB, {(double)most / (Bodies * BodyBytes):0.00} times their size (at most {MostPerBody})");
        var isBackAfterBodies = await RestAsync(gateway, start, cancellationToken);

        var ending = "";
        most = await PeakAsync(gateway, async () => ending = await StreamAsync(client, url, cancellationToken), cancellationToken);
        Console.WriteLine($"most while {StreamBytes / Megabyte} MB were streamed:              {Format.Megabytes(most)} MB; the stream ended with {ending}");
        return await RestAsync(gateway, start, cancellationToken) & isBackAfterBodies & isBounded;
    }

    private static async Task<bool> RestAsync(ChildProcess gateway, long start, CancellationToken cancellationToken)
    {
        await Task.Delay(Quiet, cancellationToken);
        var left = gateway.Read().Rss - start;
        Console.WriteLine($"after a quiet minute:                       {Format.Megabytes(start + left)} MB, {Format.Megabytes(left)} MB more than at the start (at most {MostLeft / Megabyte})");
        return left <= MostLeft;
    }

    private static async Task<long> PeakAsync(ChildProcess gateway, Func<Task> work, CancellationToken cancellationToken)
    {
        var running = work();
        var most = 0L;
        while (!running.IsCompleted)
        {
            most = Math.Max(most, gateway.Read().Rss);
            await Task.Delay(Poll, cancellationToken);
        }

        await running;
        return most;
    }

    private static async Task AskAsync(HttpMessageInvoker client, Uri gateway, byte[] body, CancellationToken cancellationToken)
    {
        using var request = Post(new Uri(gateway, "v1/chat/completions"), body);
        using var response = await client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new MeasurementException($"a body of {body.Length} bytes was answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    /// <summary>Reads a stream to its end and says what its last event was.</summary>
    private static async Task<string> StreamAsync(HttpMessageInvoker client, Uri gateway, CancellationToken cancellationToken)
    {
        using var request = Post(new Uri(gateway, "v1/responses"), Encoding.ASCII.GetBytes("""{"model":"events","stream":true,"input":"Go on."}"""));
        using var response = await client.SendAsync(request, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[256 * 1024];
        var last = "nothing";
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            var text = buffer.AsSpan(0, read);
            if (text.LastIndexOf("event: "u8) is >= 0 and var at && text[(at + 7)..].IndexOf((byte)'\n') is > 0 and var end)
            {
                last = Encoding.ASCII.GetString(text.Slice(at + 7, end));
            }
        }

        return last;
    }

    private static HttpRequestMessage Post(Uri uri, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
    }

    private static byte[] Body(long length)
    {
        var body = new byte[length];
        body.AsSpan().Fill((byte)'x');
        "{\"model\":\"json\",\"messages\":[{\"role\":\"user\",\"content\":\""u8.CopyTo(body);
        "\"}]}"u8.CopyTo(body.AsSpan(body.Length - 4));
        return body;
    }

    private static string GatewayText(Uri upstream) => string.Concat(((string[])["json", "events"]).Select(name => $"""
        [upstreams.{name}]
        model_id = "{name}"
        base_url = "{new Uri(upstream, $"{name}/v1")}"
        context = 100000000
        max_output = 4096
        proxy = "none"


        """));
}
