using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>Models that say what they saw, the tables that make some of them see, and requests with images.</summary>
internal static class MediaCases
{
    public const string Door = "/v1/chat/completions";
    public const string Png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    public const string Image = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" + Png + "\"}}";
    public const string Audio = "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":\"wav\"}}";

    // Says what it saw of the newest messages.
    public static SimulatedModel Seeing(string id) => SimulatedModel.Answering(id, request => new SimulatedAnswer
    {
        Text = $"{id} sees {(request.Root.GetRawText().Contains("image_url", StringComparison.Ordinal) ? "image" : "")} reads {request.AllText}",
        Usage = new(10, 5),
    });

    public static readonly SimulatedModel[] Models = [Seeing("a"), Seeing("b"), Seeing("c"), Seeing("s"), Seeing("eye-1"), Seeing("eye-2"), Seeing("ear")];

    public static string Tables(string more = "") => $"""
        [upstreams.eye-1]
        model_id = "eye-1"
        base_url = "$BASE_URL"
        context = 32768
        max_output = 4096
        modalities = ["text", "image"]
        retries = 0
        [upstreams.eye-2]
        model_id = "eye-2"
        base_url = "$BASE_URL"
        context = 32768
        max_output = 4096
        modalities = ["text", "image"]
        retries = 0
        [upstreams.ear]
        model_id = "ear"
        base_url = "$BASE_URL"
        context = 32768
        max_output = 4096
        modalities = ["text", "audio", "image"]
        [profiles.seeing]
        type = "moa"
        generators = ["eye-1", "a", "eye-2"]
        synthesizer = "s"
        {more}
        """;

    public static string Ask(string model, string parts, string more = "") => $$"""{"model":"{{model}}","messages":[{"role":"user","content":[{"type":"text","text":"What?"},{{parts}}]}]{{more}}}""";
}
