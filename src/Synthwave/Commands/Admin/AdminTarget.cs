namespace Synthwave.Commands.Admin;

/// <summary>Which gateway is asked, and with which token.</summary>
/// <param name="Url">Its address, a path prefix included, without a slash at the end.</param>
/// <param name="Token">Null = none is shown.</param>
internal sealed record AdminTarget(Uri Url, string? Token)
{
    /// <summary>The variable whose token is shown where the command line names none.</summary>
    public const string TokenVariable = "META_MODEL_ADMIN_TOKEN";
}
