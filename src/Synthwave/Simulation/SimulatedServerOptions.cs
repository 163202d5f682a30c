namespace Synthwave.Simulation;

/// <summary>How a <see cref="SimulatedServer"/> listens and what it keeps.</summary>
internal sealed record SimulatedServerOptions
{
    /// <summary>IP address, or <c>localhost</c>.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 = one the system picks.</summary>
    public int Port { get; init; }

    /// <summary>Without <c>Authorization: Bearer</c> and this key every call is a 401; null = open.</summary>
    public string? BearerKey { get; init; }

    /// <summary>Models on a page of <c>GET /v1/models</c>, which then reads <c>limit</c> and <c>after</c> and answers <c>has_more</c>; null = all at once.</summary>
    public int? CatalogPageSize { get; init; }

    /// <summary>Newest requests kept in <see cref="SimulatedServer.Requests"/>; 0 = none, for load.</summary>
    public int RecordLimit { get; init; } = 10_000;

    /// <summary>The clock of pacing and of what is recorded.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
