namespace Synthwave.Chat.Memory;

/// <summary>On whose behalf memory is held.</summary>
internal interface IMemoryHolder
{
    /// <summary>What tells one client from another. Asked only when a request holds much, or all together do.</summary>
    string Client { get; }
}
