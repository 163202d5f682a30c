using Synthwave.Configuration;
using Synthwave.Strategies;

namespace Synthwave.Routing;

/// <summary>Something a client may ask for, ready to answer.</summary>
/// <param name="Profile">A profile of the file, or an upstream as one.</param>
/// <param name="Strategy">How it answers.</param>
internal sealed record Route(ProfileConfig Profile, IStrategy Strategy)
{
    /// <summary>The canonical profile or upstream name.</summary>
    public string Name => Profile.Name;
}
