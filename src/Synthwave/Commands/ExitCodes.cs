namespace Synthwave.Commands;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCodes
{
    /// <summary>Done, or stopped by a signal.</summary>
    public const int Ok = 0;

    /// <summary>A usage error, or the command failed (port taken, nothing found, file exists).</summary>
    public const int Failed = 1;

    /// <summary>Configuration: <c>EX_CONFIG</c> of sysexits.h.</summary>
    public const int Config = 78;
}
