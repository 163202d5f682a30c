using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Hosting;
using Synthwave.Proof.Hostile.Inputs;
using Synthwave.Proof.Hostile.Sockets;
using Synthwave.TestKit;

namespace Synthwave.Proof.Hostile.Sweeps;

/// <summary>
/// A configuration and its token in files that are damaged, half written, gone, or no files at all. After each, whoever has the token is let in and nobody else is, and no look at
/// the files hangs. Disposing stops its gateway.
/// </summary>
internal sealed class ReloadSweep : ISweep, IAsyncDisposable
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-reloads-");
    private readonly HostileUpstream _upstream;
    private TestGateway _gateway = null!;
    private ConfigWatcher _watcher = null!;

    // Another usable token stood in the file, and may be the one that counts.
    private bool _isTokenOpen;

    // The file holds the token itself, as far as was written to it last.
    private bool _holdsToken = true;

    private ReloadSweep(HostileUpstream upstream) => _upstream = upstream;

    public string Name => "reloads";

    public int Concurrency => 1;

    public TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Failures of the gateway's own that were logged.</summary>
    public SilentLog Log => _gateway.Log;

    private string Config => Path.Combine(_directory.FullName, "meta-model.toml");

    private string Token => Path.Combine(_directory.FullName, "token");

    public static async Task<ReloadSweep> StartAsync(HostileUpstream upstream)
    {
        var sweep = new ReloadSweep(upstream);
        await File.WriteAllTextAsync(sweep.Token, HostileTarget.Token);
        await File.WriteAllTextAsync(sweep.Config, sweep.Valid(0));
        sweep._gateway = await TestGateway.StartAsync(sweep.Valid(0));
        Func<string, string?> environment = static _ => null;
        sweep._watcher = ActivatorUtilities.CreateInstance<ConfigWatcher>(sweep._gateway.Services, sweep.Config, environment);
        await sweep.LookAsync();
        return sweep;
    }

    public async Task<Ending> RunAsync(HostileTarget target, long number, CancellationToken cancellationToken)
    {
        var random = Draws.Of(target.Seed, Name, number);
        var (what, looked) = await WriteAsync(random, number);
        var problem = !looked ? $"a look at {what} hangs" : await JudgeAsync(number, cancellationToken);
        return new(problem is null ? what : "BAD " + what, problem, default) { Made = what };
    }

    /// <summary>A valid file is taken after all; null = it is, else what is wrong.</summary>
    public async Task<string?> FinishAsync(CancellationToken cancellationToken)
    {
        Remove(Token);
        Remove(Config);
        await File.WriteAllTextAsync(Token, HostileTarget.Token, cancellationToken);
        await File.WriteAllTextAsync(Config, Valid(1).Replace("[profiles.jury]", "[profiles.last]", StringComparison.Ordinal), cancellationToken);
        var startedAt = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(startedAt) < LongestSettling)
        {
            if (!await LookAsync())
            {
                return "a look at a valid file hangs";
            }

            using var client = await RawConnection.ConnectAsync(_gateway.Address, cancellationToken);
            await client.SendAsync(Get("/v1/models/last", HostileTarget.Token), cancellationToken);
            if (await client.Reader.AnswerAsync(toHead: false, cancellationToken) is { Status: 200 })
            {
                return null;
            }

            await Task.Delay(100, cancellationToken);
        }

        return "a valid file is not taken any more";
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static byte[] Get(string path, string? token) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{(token is null ? "" : $"Authorization: Bearer {token}\r\n")}\r\n");

    private static void Remove(string path)
    {
        if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            Directory.Delete(path);
        }
        else
        {
            File.Delete(path);
        }
    }

    private string Valid(long number) => HostileTarget.Toml(_upstream.BaseUrl, FormattableString.Invariant($"# {number}"), token: $"bearer_token_file = \"{Token}\"");

    // What was done, and whether the watcher came back from looking at it.
    private async Task<(string What, bool Looked)> WriteAsync(Random random, long number)
    {
        var path = random.Once(4) ? Token : Config;
        var good = Encoding.UTF8.GetBytes(path == Token ? HostileTarget.Token : Valid(number));
        var name = path == Token ? "token" : "configuration";
        Remove(path);
        var way = random.Next(14);
        _isTokenOpen |= path == Token && way is >= 2 and <= 5;
        _holdsToken = path == Token ? way is 0 or 1 or 3 or 11 : _holdsToken;
        switch (way)
        {
            case 0 or 1:
                await File.WriteAllBytesAsync(path, good);
                return ($"valid {name}", await LookAsync());
            case 2:
                await File.WriteAllBytesAsync(path, good[..random.Next(good.Length)]);
                return ($"cut {name}", await LookAsync());
            case 3:
                await File.WriteAllBytesAsync(path, good[..random.Next(good.Length)]);
                var halfway = await LookAsync();
                await File.WriteAllBytesAsync(path, good);
                return ($"half written {name}", halfway & await LookAsync());
            case 4 or 5:
                await File.WriteAllBytesAsync(path, path == Token ? random.Pick<byte[]>([[], "\n"u8.ToArray(), "   "u8.ToArray(), [0], [0xff]]) : ByteDamage.Apply(random, good));
                return ($"damaged {name}", await LookAsync());
            case 6:
                await File.WriteAllBytesAsync(path, []);
                return ($"empty {name}", await LookAsync());
            case 7:
                return ($"missing {name}", await LookAsync());
            case 8:
                Directory.CreateDirectory(path);
                return ($"directory as {name}", await LookAsync());
            case 9:
                File.CreateSymbolicLink(path, random.Pick([path, "/dev/zero", "/dev/null", "/nowhere"]));
                return ($"link as {name}", await LookAsync());
            case 10:
                await using (var file = File.Create(path))
                {
                    file.SetLength(random.Pick([20L << 20, 10L << 30]));
                }

                return ($"giant {name}", await LookAsync());
            case 11 when path == Config:
                var text = Encoding.UTF8.GetString(good);
                await File.WriteAllTextAsync(path, text[text.IndexOf("[features]", StringComparison.Ordinal)..]);
                return ("configuration without [server]", await LookAsync());
            case 12 or 13:
                return ($"pipe as {name}", await LookAtPipeAsync(path));
            default:
                await File.WriteAllTextAsync(path + ".next", Encoding.UTF8.GetString(good));
                File.Move(path + ".next", path, overwrite: true);
                return ($"replaced {name}", await LookAsync());
        }
    }

    private async Task<bool> LookAtPipeAsync(string path)
    {
        using (var make = Process.Start("mkfifo", [path]))
        {
            await make.WaitForExitAsync();
        }

        var looking = Look();
        var looked = await Task.WhenAny(looking, Task.Delay(LongestLook)) == looking;
        if (!looked)
        {
            // Lets it go: a pipe that somebody has open for writing can be opened for reading, and ends when that one leaves.
            using var open = Process.Start("sh", ["-c", "exec 3<>\"$0\"; sleep 0.05", path]);
            await open.WaitForExitAsync();
            await Task.WhenAny(looking, Task.Delay(LongestLook));
        }

        return looked;
    }

    private async Task<bool> LookAsync()
    {
        var looking = Look();
        return await Task.WhenAny(looking, Task.Delay(LongestLook)) == looking;
    }

    // Two looks: one to notice, one to read. On a thread of their own, which they may block.
    private Task Look() => Task.Factory.StartNew(
        () =>
        {
            _watcher.Look();
            _watcher.Look();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private async Task<string?> JudgeAsync(long number, CancellationToken cancellationToken)
    {
        using var stranger = await RawConnection.ConnectAsync(_gateway.Address, cancellationToken);
        await stranger.SendAsync(Get("/v1/models", null), cancellationToken);
        if (await stranger.Reader.AnswerAsync(toHead: false, cancellationToken) is not { Status: 401 })
        {
            return "somebody without the token is let in";
        }

        using var client = await RawConnection.ConnectAsync(_gateway.Address, cancellationToken);
        var post = new HostileBody(Door.All[0].Body("a", stream: number % 2 == 0, UpstreamCall.Plain, number), "Content-Type: application/json\r\n", "in order").Post(Door.All[0].Path, HostileTarget.Token);
        await client.SendAsync(post, cancellationToken);
        var answer = await client.Reader.AnswerAsync(toHead: false, cancellationToken);
        if (answer?.Status is 401)
        {
            return _isTokenOpen ? null : "whoever has the token is refused";
        }

        // Another one may be read yet while it stands there.
        _isTokenOpen &= !_holdsToken;
        return AnswerCheck.Judge(answer, post, upstreamFails: true).Problem;
    }
}
