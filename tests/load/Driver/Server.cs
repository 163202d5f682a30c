namespace Synthwave.Load.Driver;

/// <summary>A started process and where it listens; the URL ends in a slash.</summary>
internal sealed record Server(ChildProcess Process, Uri Url)
{
    public Uri Chat => new(Url, "v1/chat/completions");
}
