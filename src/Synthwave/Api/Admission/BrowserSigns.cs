using Microsoft.Extensions.Primitives;

namespace Synthwave.Api.Admission;

/// <summary>What browsers say of the page that makes a request. Pure.</summary>
internal static class BrowserSigns
{
    /// <summary>Whether the request was made by a page of another site.</summary>
    public static bool IsCrossSite(IHeaderDictionary headers)
    {
        foreach (var site in headers["Sec-Fetch-Site"])
        {
            if (site.AsSpan().Trim().Equals("cross-site", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a page may have made the request of which its user knows nothing.</summary>
    public static bool MayBeForeign(IHeaderDictionary headers) => !StringValues.IsNullOrEmpty(headers.Origin) || IsCrossSite(headers);
}
