using Synthwave.Configuration;
using Synthwave.Strategies;

namespace Synthwave.Routing;

/// <summary>Something a client may ask for, ready to answer.</summary>
/// <param name="Name">The canonical profile or upstream name.</param>
/// <param name="Strategy">How it answers.</param>
/// <param name="Caps">What its operator lets a request spend.</param>
internal sealed record Route(string Name, IStrategy Strategy, CapsConfig Caps);
