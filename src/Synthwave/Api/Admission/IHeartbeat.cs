namespace Synthwave.Api.Admission;

/// <summary>An answer on its way that can say something without content.</summary>
internal interface IHeartbeat
{
    /// <summary>Has a heartbeat sent as soon as nothing else is being sent. Any thread; returns at once.</summary>
    void BeatSoon();
}
