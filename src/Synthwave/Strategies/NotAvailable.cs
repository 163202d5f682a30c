using Synthwave.Chat;

namespace Synthwave.Strategies;

/// <summary>What a configuration may already say but this version cannot do yet: a typed 501, never a wrong answer.</summary>
internal sealed class NotAvailable(string name, string what) : IStrategy
{
    public string Name => name;

    public static GatewayError Error(string what) => new(501, "not_available", $"{what} is not available in this version.");

    public static FailedReply Reply(string what) => new(Error(what));

    public Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken) => Task.FromResult<ChatReply>(Reply(what));
}
