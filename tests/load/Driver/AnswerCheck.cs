using System.Text;

namespace Synthwave.Load.Driver;

/// <summary>Proves that a contender gives the answer before it is measured how fast.</summary>
internal static class AnswerCheck
{
    public static async Task RunAsync(Rig rig, Contender contender, CancellationToken cancellationToken)
    {
        using var request = StreamProbe.NewRequest(contender.Url, contender.Body, rig.Token);
        using var response = await rig.Client.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);

        var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var wantsStream = contender.Body.AsSpan().IndexOf("\"stream\":true"u8) >= 0;
        var isWhole = isStream
            ? IsWholeStream(contender.Url.AbsolutePath, text)
            : text.Contains(Payloads.LastWord, StringComparison.Ordinal);
        if (!response.IsSuccessStatusCode || isStream != wantsStream || !isWhole)
        {
            throw new MeasurementException(
                $"{contender.Name} ({contender.Url.AbsolutePath}) does not give the expected answer but {(int)response.StatusCode}:"
                + $"{Environment.NewLine}{text[..Math.Min(text.Length, 400)]}");
        }
    }

    private static bool IsWholeStream(string path, string text) => path switch
    {
        "/v1/messages" => Count(text, "event: content_block_delta\n") >= Payloads.StreamEvents && Count(text, "event: message_stop\n") == 1,
        "/v1/responses" => Count(text, "event: response.output_text.delta\n") >= Payloads.StreamEvents && Count(text, "event: response.completed\n") == 1,
        _ => text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal) && ContentEvents(text) >= Payloads.StreamEvents,
    };

    private static int Count(string text, string mark) => text.Split(mark).Length - 1;

    private static int ContentEvents(string text) =>
        text.Split("\n\n").Count(part => SseEvent.Classify(Encoding.UTF8.GetBytes(part)) == SseEventKind.Content);
}
