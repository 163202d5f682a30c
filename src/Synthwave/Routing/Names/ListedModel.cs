using Synthwave.Configuration;

namespace Synthwave.Routing.Names;

/// <summary>One entry of the model list.</summary>
/// <param name="Id">The name to show, in its original letter case.</param>
/// <param name="Profile">What answers to it.</param>
/// <param name="AliasOf">The profile's name when the entry is an alias; null for profiles and the brand.</param>
internal sealed record ListedModel(string Id, ProfileConfig Profile, string? AliasOf);
