using Synthwave.Strategies;

namespace Synthwave.Routing;

/// <summary>Something a client may ask for, ready to answer. <paramref name="Name"/> is the canonical profile or upstream name.</summary>
internal sealed record Route(string Name, IStrategy Strategy);
