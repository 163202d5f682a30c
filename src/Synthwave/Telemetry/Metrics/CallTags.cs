using System.Diagnostics;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Metrics;

/// <summary>Who was called, as the tags every GenAI instrument carries.</summary>
internal static class CallTags
{
    private const int LongestResponseModel = 128;

    public static TagList Of(CallReport call)
    {
        var tags = new TagList { { GenAi.OperationName, call.Operation }, { GenAi.RequestModel, call.Model } };
        if (call.Config is { } config)
        {
            var peer = UpstreamPeer.Of(config);
            tags.Add(GenAi.ProviderName, peer.Provider);
            if (peer.Address is { } address)
            {
                tags.Add(GenAi.ServerAddress, address);
            }
        }

        // The upstream chooses this value. Its length is bounded; every new value is a new series for whoever collects them.
        if (call.ResponseModel is { Length: > 0 and <= LongestResponseModel } model)
        {
            tags.Add(GenAi.ResponseModel, model);
        }

        return tags;
    }
}
