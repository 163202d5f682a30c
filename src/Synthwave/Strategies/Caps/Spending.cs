using Synthwave.Configuration;

namespace Synthwave.Strategies.Caps;

/// <summary>What one request may spend, and what of it is left for further calls.</summary>
/// <param name="Caps">At the start of the strategy that plans with them.</param>
/// <param name="Allowance">What calls are taken from, planned or not.</param>
internal sealed record Spending(CapsConfig Caps, CallAllowance Allowance)
{
    public static Spending Unlimited { get; } = new(CapsConfig.None, CallAllowance.Unlimited);

    /// <summary>Whether calls must be counted before they are made.</summary>
    public bool IsLimited => Allowance.IsLimited;

    public static Spending Of(CapsConfig caps) => caps == CapsConfig.None ? Unlimited : new(caps, CallAllowance.Of(caps));

    /// <summary>The same allowance, planned anew with what is left of it.</summary>
    public Spending Rest() => IsLimited ? this with { Caps = Allowance.Left } : this;

    /// <summary>Takes the calls of a plan made with <see cref="Caps"/>. Once, and before any call.</summary>
    public void Take(CapPlan plan)
    {
        if (!Allowance.TryTake(plan.Calls, plan.WorstCaseUsd))
        {
            throw new InvalidOperationException("A plan within the caps is within the allowance: plan once, before any call.");
        }
    }
}
