namespace Synthwave.Chat.Memory;

/// <summary>
/// What one request holds of the <see cref="MemoryBudget"/>. The first <see cref="MemoryBudget.Flat"/> bytes are covered by its flat count, so that small requests
/// take nothing; beyond them the budget is asked. Whatever is not given back before is given back by disposing. Calls of one request may take at the same time.
/// </summary>
internal sealed class MemoryShare : IDisposable
{
    // The budget is asked for so much at least, and gets back so much at once.
    private const long Step = 64 * 1024;

    private const long Over = long.MinValue / 2;

    private readonly MemoryBudget? _budget;
    private readonly IMemoryHolder? _holder;
    private string? _flatClient;
    private long _used;
    private long _covered;

    /// <param name="budget">The process's.</param>
    /// <param name="holder">Whose request it is.</param>
    public MemoryShare(MemoryBudget budget, IMemoryHolder holder) => (_budget, _holder) = (budget, holder);

    private MemoryShare()
    {
    }

    /// <summary>For work that no request waits for: takes whatever is asked and counts nothing.</summary>
    public static MemoryShare Uncounted { get; } = new();

    /// <summary>More can never be taken by this request, bytes.</summary>
    public long Most => _budget is null ? long.MaxValue : Math.Max(MemoryBudget.Flat, _budget.MostOfOneClient);

    /// <summary>Bytes of the budget this request stands for.</summary>
    public long Held => Math.Max(0, Interlocked.Read(ref _covered));

    /// <summary>Counts the request; false = there is no room for it, also after a short wait. Once, before anything is taken. Throws on cancellation.</summary>
    public ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        if (_budget is null || _budget.TryEnter())
        {
            _covered = MemoryBudget.Flat;
            return new(true);
        }

        return EnterLateAsync(_budget, cancellationToken);
    }

    /// <summary>Takes before memory is allocated; false = there is none, and nothing is taken.</summary>
    public bool TryTake(long bytes)
    {
        if (_budget is null || Interlocked.Add(ref _used, bytes) <= Volatile.Read(ref _covered))
        {
            return true;
        }

        var step = StepFor(bytes);
        return Settle(bytes, step, Volatile.Read(ref _covered) >= 0 && _budget.TryTake(step, _holder!.Client));
    }

    /// <summary>The same with a short wait where there is none. Throws on cancellation.</summary>
    public ValueTask<bool> TakeAsync(long bytes, CancellationToken cancellationToken) =>
        _budget is null || Interlocked.Add(ref _used, bytes) <= Volatile.Read(ref _covered) ? new(true) : TakeLateAsync(_budget, bytes, cancellationToken);

    /// <summary>Gives back some of what was taken.</summary>
    public void Give(long bytes)
    {
        if (_budget is null)
        {
            return;
        }

        var used = Interlocked.Add(ref _used, -bytes);
        var covered = Volatile.Read(ref _covered);
        var spare = covered - Math.Max(used, MemoryBudget.Flat);
        if (spare < Step || Interlocked.CompareExchange(ref _covered, covered - spare, covered) != covered)
        {
            return;
        }

        // Whoever took meanwhile, and still saw what is given back here, is covered.
        if (Math.Min(spare, Interlocked.Read(ref _used) - (covered - spare)) is > 0 and var kept)
        {
            spare -= kept;
            if (Interlocked.Add(ref _covered, kept) < 0)
            {
                spare += kept;
            }
        }

        _budget.Give(spare, _holder!.Client);
    }

    public void Dispose()
    {
        if (_budget is null)
        {
            return;
        }

        var covered = Interlocked.Exchange(ref _covered, Over);
        if (covered > MemoryBudget.Flat)
        {
            _budget.Give(covered - MemoryBudget.Flat, _holder!.Client);
        }

        if (covered >= MemoryBudget.Flat)
        {
            _budget.Leave(_flatClient);
        }
    }

    private async ValueTask<bool> EnterLateAsync(MemoryBudget budget, CancellationToken cancellationToken)
    {
        var client = _holder!.Client;
        if (!await budget.EnterAsync(client, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        _flatClient = client;
        _covered = MemoryBudget.Flat;
        return true;
    }

    private async ValueTask<bool> TakeLateAsync(MemoryBudget budget, long bytes, CancellationToken cancellationToken)
    {
        var step = StepFor(bytes);
        var isGranted = false;
        try
        {
            isGranted = Volatile.Read(ref _covered) >= 0 && await budget.TakeAsync(step, _holder!.Client, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            isGranted = Settle(bytes, step, isGranted);
        }

        return isGranted;
    }

    private static long StepFor(long bytes) => Math.Max(bytes, Step);

    // A request that is over takes nothing any more: what a call of it was granted meanwhile goes back.
    private bool Settle(long bytes, long step, bool isGranted)
    {
        if (isGranted && Interlocked.Add(ref _covered, step) < 0)
        {
            _budget!.Give(step, _holder!.Client);
            isGranted = false;
        }

        if (!isGranted)
        {
            Interlocked.Add(ref _used, -bytes);
        }

        return isGranted;
    }
}
