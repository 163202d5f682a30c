namespace Synthwave.Telemetry.Reports;

/// <summary>How a request with images, video or audio was served.</summary>
internal sealed record MediaReport
{
    /// <summary><c>vision</c>, <c>video</c> or <c>audio</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The upstream that answered; null = none did.</summary>
    public string? Upstream { get; init; }

    /// <summary>Upstream and status, <c>transport_error</c> or <c>deadline_exceeded</c>, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attempts { get; init; } = [];

    /// <summary>Length of the description an image was turned into before the ensemble ran; null = one stage only.</summary>
    public int? DescribeChars { get; init; }
}
