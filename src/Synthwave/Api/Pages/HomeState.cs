namespace Synthwave.Api.Pages;

/// <summary>How the gateway is, as far as it is known without asking anybody.</summary>
internal enum HomeState
{
    Ready,
    Unready,
    Unknown,
}
