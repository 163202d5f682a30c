namespace Synthwave.Load.Driver;

/// <summary>What an open stream that says nothing costs: 1,000 of them, whose model stalls after its first token.</summary>
internal sealed class IdleStreamSection(Rig rig, RunOptions options, Report report)
{
    private const int Streams = 1000;
    private const int WarmUpStreams = 50;
    private const double LimitBytesPerStream = 40 * 1024;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (rig.Gateway is null)
        {
            return;
        }

        // Processes of their own: a heap that load has already grown would hide what the streams take.
        var relay = await rig.StartRelayAsync("relay-idle", rig.SimulatorUrl, 0, cancellationToken);
        await using var relayEnd = relay.Process;
        var gateway = await rig.StartGatewayAsync("gateway-idle", cancellationToken);
        await using var gatewayEnd = gateway.Process;

        var rows = new List<string[]>();
        foreach (var (name, server) in ((string, Server)[])[("relay", relay), ("gateway", gateway)])
        {
            Progress.Say($"{Streams} idle streams, {name}");
            var growth = await MeasureAsync(name, server, rows, cancellationToken);
            if (server == gateway)
            {
                report.Target(
                    "memory per idle stream, KB", Format.Kilobytes(LimitBytesPerStream), Format.Kilobytes(growth), growth < LimitBytesPerStream);
            }
        }

        report.Heading("Idle streams");
        report.Paragraph($"RSS in MB around {Streams} concurrent streams that have sent one token and then nothing; growth per stream in KB, from the settled reading.");
        report.Table(["way", "before", "all open", "settled", "growth each", "all closed"], rows);
    }

    private async Task<double> MeasureAsync(string name, Server server, List<string[]> rows, CancellationToken cancellationToken)
    {
        var settle = TimeSpan.FromSeconds(options.Quick ? 5 : 15);
        await using (var warmUp = new IdleStreams(server.Chat, rig.Token))
        {
            await warmUp.OpenAsync(WarmUpStreams, cancellationToken);
        }

        await Task.Delay(settle, cancellationToken);
        var before = server.Process.Read().Rss;

        double open, settled;
        await using (var streams = new IdleStreams(server.Chat, rig.Token))
        {
            await streams.OpenAsync(Streams, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            open = server.Process.Read().Rss;
            await Task.Delay(settle, cancellationToken);
            settled = server.Process.Read().Rss;
            streams.ThrowIfAnyEnded();
        }

        await Task.Delay(settle, cancellationToken);
        var closed = server.Process.Read().Rss;
        var growth = (settled - before) / Streams;
        rows.Add([name, Format.Megabytes(before), Format.Megabytes(open), Format.Megabytes(settled), Format.Kilobytes(growth), Format.Megabytes(closed)]);
        return growth;
    }
}
