using Synthwave.Simulation.Items;

namespace Synthwave.Proof.Stragglers;

/// <summary>
/// How long a model takes: lognormal around a median, and now and then a stall instead (Pareto from 30 s, exponent 0.8, at most 600 s). Assumed figures, so
/// they rank policies and predict no installation.
/// </summary>
/// <param name="Median">Without a stall.</param>
/// <param name="Sigma">Of the logarithm.</param>
/// <param name="Stalls">Share of calls that stall, 0–1.</param>
internal sealed record LatencyModel(TimeSpan Median, double Sigma, double Stalls)
{
    /// <summary>Numbers one draw takes.</summary>
    public const int Streams = 4;

    private const double StallExponent = 0.8;

    private static readonly TimeSpan LeastStall = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(600);

    /// <summary>The time of call <paramref name="call"/>; <paramref name="stream"/> tells apart what is drawn for it.</summary>
    public TimeSpan Draw(ulong seed, long call, int stream)
    {
        if (ItemDraw.Uniform(seed, call, stream) < Stalls)
        {
            var stall = LeastStall * Math.Pow(ItemDraw.Uniform(seed, call, stream + 1), -1 / StallExponent);
            return stall < LongestStall ? stall : LongestStall;
        }

        return Median * Math.Exp(Sigma * ItemDraw.Normal(seed, call, stream + 2));
    }
}
