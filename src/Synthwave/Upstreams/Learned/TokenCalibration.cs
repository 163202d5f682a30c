namespace Synthwave.Upstreams.Learned;

/// <summary>
/// How many tokens an upstream counts where the gateway estimates one, learned from the usage it reports. The estimate knows bytes only; tokenizers
/// and languages differ by a factor of two. Budgets are made with it, reported figures are not. Thread-safe.
/// </summary>
internal sealed class TokenCalibration
{
    /// <summary>Observations before anything is believed.</summary>
    public const int Enough = 8;

    /// <summary>Estimates below this say more about the chat template than about the text.</summary>
    public const int LeastEstimate = 200;

    // What is believed at most: usage can be wrong, and a wrong ratio must not empty or overflow a window.
    private const double Lowest = 0.6;
    private const double Highest = 2.0;

    private const int Window = 64;

    // Among so many known ratios a few new ones change little.
    private const int Refresh = 8;

    // High, since a prompt estimated too large costs a little history and one estimated too small is refused.
    private const double Quantile = 0.9;

    private readonly Lock _gate = new();
    private readonly double[] _ring = new double[Window];
    private int _count;
    private int _next;
    private double _ratio = 1;

    /// <summary>Counted tokens per estimated one, 0.6–2; 1 until it is known.</summary>
    public double Ratio => Volatile.Read(ref _ratio);

    /// <summary>Takes note of a prompt's estimate (messages and tools) and of the prompt tokens its call reported.</summary>
    public void Observe(int estimated, long counted)
    {
        if (estimated < LeastEstimate || counted <= 0)
        {
            return;
        }

        lock (_gate)
        {
            _ring[_next] = (double)counted / estimated;
            _next = (_next + 1) % Window;
            _count = Math.Min(_count + 1, Window);
            if (_count < Enough || (_count == Window && _next % Refresh != 0))
            {
                return;
            }

            Span<double> sorted = stackalloc double[Window];
            _ring.AsSpan(0, _count).CopyTo(sorted);
            sorted[.._count].Sort();
            Volatile.Write(ref _ratio, Math.Clamp(sorted[(int)Math.Ceiling(Quantile * _count) - 1], Lowest, Highest));
        }
    }

    /// <summary>Estimated tokens that stand for so many counted ones, rounded down.</summary>
    public int ToEstimate(int counted) => (int)(counted / Ratio);

    /// <summary>Counted tokens that an estimate stands for, rounded up.</summary>
    public int ToCounted(int estimated) => (int)Math.Min(int.MaxValue, Math.Ceiling(estimated * Ratio));
}
