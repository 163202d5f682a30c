namespace Synthwave.Api.Admission;

/// <summary>Reads <c>Authorization: Bearer</c>.</summary>
internal static class BearerCredential
{
    private const string Scheme = "Bearer";

    /// <summary>False = another scheme, or none. A bare scheme counts as an empty credential: servers trim the blank that followed it.</summary>
    public static bool TryRead(string? header, out ReadOnlySpan<char> credential)
    {
        credential = default;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || (header.Length > Scheme.Length && header[Scheme.Length] != ' '))
        {
            return false;
        }

        credential = header.AsSpan(Scheme.Length).Trim();
        return true;
    }
}
