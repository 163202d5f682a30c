using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Strategies.Prompts;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.Media;

/// <summary>
/// What the vision endpoints of one configuration said about images, for every conversation of a client the same image comes up in again. The instruction, its limits
/// and the endpoints are part of a description's key: a changed configuration starts afresh. So is the client: another one may have paid for the description, and an image that
/// is named by an address need not be the same for both. Thread-safe.
/// </summary>
internal sealed class ImageDescriptions(VisionConfig vision, ImmutableArray<IUpstream> endpoints, DescriptionCache cache)
{
    /// <summary>Characters a description is cut to: no picture is worth more, and a model may run on.</summary>
    private const int Longest = 32 * 1024;

    private readonly byte[] _settings = Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{vision.DescribeMaxTokens} {vision.DescribeTemperature} {string.Join(' ', endpoints.Select(e => e.Config.Identity.ToString()))}\n{vision.DescribePrompt}"));

    /// <summary>The description of the image in the raw part; null = not known, or not any more.</summary>
    public string? Find(ReadOnlyMemory<byte> part, string? owner) => cache.Find(KeyOf(part, owner));

    /// <summary>Keeps a description and returns it, cut where it is too long.</summary>
    public string Keep(ReadOnlyMemory<byte> part, string? owner, string description)
    {
        var kept = description.Length <= Longest ? description
            : description[..(char.IsHighSurrogate(description[Longest - 1]) ? Longest - 1 : Longest)] + ImageWords.CutHere;
        cache.Keep(KeyOf(part, owner), kept);
        return kept;
    }

    // One image is one image, however its data is written.
    private string KeyOf(ReadOnlyMemory<byte> part, string? owner) => DescriptionCache.KeyOf(MediaParts.Normalise(part).Span, _settings, owner);
}
