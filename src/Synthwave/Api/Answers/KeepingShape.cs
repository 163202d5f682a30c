using Synthwave.Chat;
using Synthwave.Chat.Memory;

namespace Synthwave.Api.Answers;

/// <summary>A shape that keeps some of a stream, within bounds.</summary>
internal abstract class KeepingShape : AnswerShape
{
    private long _limit = long.MaxValue;
    private MemoryShare _memory = MemoryShare.Uncounted;
    private KeptBytes? _kept;

    public sealed override GatewayError? Trouble => _kept?.Trouble;

    /// <summary>Counts what is kept.</summary>
    protected KeptBytes Kept => _kept ??= new(_limit, _memory);

    public override void KeepWithin(long limit, MemoryShare memory) => (_limit, _memory) = (limit, memory);
}
